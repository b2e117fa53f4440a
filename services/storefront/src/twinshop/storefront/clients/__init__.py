"""The ports over HTTP: one class each, the mirror of the component's `routes`."""

from collections.abc import Callable, Mapping
from typing import Any

from twinshop.kit.client import Remote
from twinshop.storefront.clients.cart import HttpCarts
from twinshop.storefront.clients.catalog import HttpCatalog
from twinshop.storefront.clients.payment import HttpPayments
from twinshop.storefront.clients.translate import HttpTranslator


def clients(charge_seconds: float) -> Mapping[str, Callable[[Remote], Any]]:
    """Return by component what makes its client; `charge_seconds` is the time for a charge."""
    return {
        "catalog": HttpCatalog,
        "cart": HttpCarts,
        "payment": lambda remote: HttpPayments(remote, charge_seconds),
        "translate": HttpTranslator,
    }
