"""I6: what was put into carts against what is found in them."""

from collections.abc import Iterator, Sequence

from twinshop.lab.invariants.history import CartSeen
from twinshop.lab.invariants.verdict import Checked, Violation


def check_carts(carts: Sequence[CartSeen]) -> Checked:
    """Each acknowledged addition counts as one case."""
    additions = sum(sum(cart.acknowledged.values()) for cart in carts)
    return Checked({"I6": additions}, [violation for cart in carts for violation in _wrong(cart)])


def _wrong(cart: CartSeen) -> Iterator[Violation]:
    for sku in sorted(cart.acknowledged.keys() | cart.unknown.keys() | cart.found.keys()):
        least, found = cart.acknowledged.get(sku, 0), cart.found.get(sku, 0)
        most = least + cart.unknown.get(sku, 0)
        if found < least:
            yield Violation("I6", cart.name, f"{least} of {sku} acknowledged, {found} found")
        elif found > most:
            yield Violation("I6", cart.name, f"{found} of {sku} found, at most {most} put in")
