"""
The composition root of a group: a component hosted here is called in process, any other over HTTP.

Beside `twinshop.storefront.wiring`, the storefront's own, this is the whole difference between the two shapes.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from twinshop.cart.app import build as build_cart
from twinshop.catalog.app import build as build_catalog
from twinshop.catalog.app import upgrade as upgrade_catalog
from twinshop.kit.client import ClientSettings
from twinshop.kit.component import Component
from twinshop.kit.connections import Connections
from twinshop.payment.app import build as build_payment
from twinshop.payment.app import upgrade as upgrade_payment
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop, watched
from twinshop.storefront.wiring import remote_ports
from twinshop.translate.app import build as build_translate

BUILD: Mapping[str, Callable[[], Component[Any]]] = {
    "catalog": build_catalog,
    "cart": build_cart,
    "payment": build_payment,
    "translate": build_translate,
}
UPGRADE: Mapping[str, Callable[[], Awaitable[None]]] = {"catalog": upgrade_catalog, "payment": upgrade_payment}
"""Of the components that have a database: what brings it to this version's schema."""


def local_components(hosted: frozenset[str]) -> dict[str, Component[Any]]:
    """The hosted components but the storefront, each from its own package and settings."""
    return {name: build() for name, build in BUILD.items() if name in hosted}


def grouped_shop(
    local: Mapping[str, Component[Any]], settings: StorefrontSettings, calls: ClientSettings, http: Connections
) -> Shop:
    """The shop as the storefront of this group sees it."""
    remote = frozenset(BUILD.keys() - local.keys())
    ports = {**remote_ports(settings, calls, http, remote), **{name: local[name].port for name in local}}
    return watched(ports, remote)
