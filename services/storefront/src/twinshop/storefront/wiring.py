"""The composition root of the storefront that runs alone: every other component is called over HTTP."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

from pyreqwest.client import Client

from twinshop.kit.client import ClientSettings, Remote
from twinshop.storefront.clients import HttpCarts, HttpCatalog, HttpPayments, HttpTranslator
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop, watched

REMOTE = frozenset({"catalog", "cart", "payment", "translate"})


def remote_ports(
    settings: StorefrontSettings, calls: ClientSettings, http: Client, names: AbstractSet[str]
) -> dict[str, Any]:
    """The named components' ports over HTTP; raises ValueError when a component's URL is missing."""
    urls = {
        "catalog": settings.catalog_url,
        "cart": settings.cart_url,
        "payment": settings.payment_url,
        "translate": settings.translate_url,
    }
    clients: dict[str, Callable[[Remote], Any]] = {
        "catalog": HttpCatalog,
        "cart": HttpCarts,
        "payment": lambda remote: HttpPayments(remote, settings.charge_seconds),
        "translate": HttpTranslator,
    }

    def port(name: str) -> Any:  # noqa: ANN401 - the port of that name
        url = urls[name]
        if url is None:
            raise ValueError(f"Set STOREFRONT_{name.upper()}_URL: this process does not host the {name} component.")
        return clients[name](Remote(name, url, http, calls))

    return {name: port(name) for name in sorted(names)}


def remote_shop(settings: StorefrontSettings, calls: ClientSettings, http: Client) -> Shop:
    """The shop over HTTP."""
    ports = remote_ports(settings, calls, http, REMOTE)
    return watched(ports["catalog"], ports["cart"], ports["payment"], ports["translate"], REMOTE)
