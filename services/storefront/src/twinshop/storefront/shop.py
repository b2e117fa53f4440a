"""The four ports that the storefront calls, wherever they are."""

from dataclasses import dataclass

from twinshop.contracts.cart import Carts
from twinshop.contracts.catalog import Catalog
from twinshop.contracts.payment import Payments
from twinshop.contracts.translate import Translator
from twinshop.kit.observe import observed


@dataclass(frozen=True, slots=True)
class Shop:
    """`remote` holds the names of the components that are in other processes."""

    catalog: Catalog
    carts: Carts
    payments: Payments
    translator: Translator
    remote: frozenset[str]


def watched(catalog: Catalog, carts: Carts, payments: Payments, translator: Translator, remote: frozenset[str]) -> Shop:
    """A shop whose calls are all timed and noted, for the footer, the metrics and `Server-Timing`."""
    return Shop(
        catalog=observed("catalog", catalog, remote="catalog" in remote),
        carts=observed("cart", carts, remote="cart" in remote),
        payments=observed("payment", payments, remote="payment" in remote),
        translator=observed("translate", translator, remote="translate" in remote),
        remote=remote,
    )
