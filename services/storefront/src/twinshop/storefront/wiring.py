"""The composition root of the storefront that runs alone: every other component is called over HTTP."""

from collections.abc import Set as AbstractSet
from typing import Any

from pyreqwest.client import Client

from twinshop.contracts.components import CALLED
from twinshop.kit.client import ClientSettings, Remote
from twinshop.storefront.clients import clients
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop, watched


def remote_ports(
    settings: StorefrontSettings, calls: ClientSettings, http: Client, names: AbstractSet[str]
) -> dict[str, Any]:
    """The named components' ports over HTTP; raises ValueError when a component's URL is missing."""
    make = clients(settings.charge_seconds)

    def port(name: str) -> Any:  # noqa: ANN401 - the port of that name
        url: str | None = getattr(settings, f"{name}_url")
        if url is None:
            raise ValueError(f"Set STOREFRONT_{name.upper()}_URL: this process does not host the {name} component.")
        return make[name](Remote(name, url, http, calls))

    return {name: port(name) for name in sorted(names)}


def remote_shop(settings: StorefrontSettings, calls: ClientSettings, http: Client) -> Shop:
    """The shop over HTTP."""
    remote = frozenset(CALLED)
    return watched(remote_ports(settings, calls, http, remote), remote)
