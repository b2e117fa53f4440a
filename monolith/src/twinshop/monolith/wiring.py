"""
The composition root of a group: a component hosted here is called in process, any other over HTTP.

Beside `twinshop.storefront.wiring`, the storefront's own, this is the whole difference between the two shapes.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pyreqwest.client import Client

from twinshop.contracts.components import CALLED, WITH_DATABASE
from twinshop.kit.client import ClientSettings
from twinshop.kit.component import Component
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop, watched
from twinshop.storefront.wiring import remote_ports


def app_of(name: str) -> Any:  # noqa: ANN401 - mypy does not know a module by its name
    """Return a component's module `app`; a process imports only what it hosts, as in the microservices."""
    return import_module(f"twinshop.{name}.app")


def local_components(hosted: frozenset[str]) -> dict[str, Component[Any]]:
    """The hosted components but the storefront, each from its own package and settings."""
    return {name: app_of(name).build() for name in CALLED if name in hosted}


async def upgrade(hosted: frozenset[str]) -> None:
    """Bring the databases of the hosted components to this version's schema."""
    for name in WITH_DATABASE:
        if name in hosted:
            await app_of(name).upgrade()


def grouped_shop(
    local: Mapping[str, Component[Any]], settings: StorefrontSettings, calls: ClientSettings, http: Client
) -> Shop:
    """The shop as the storefront of this group sees it."""
    remote = frozenset(CALLED) - local.keys()
    ports = {**remote_ports(settings, calls, http, remote), **{name: local[name].port for name in local}}
    return watched(ports, remote)
