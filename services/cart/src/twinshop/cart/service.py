"""The cart's rules: what may be in a cart, and how a refused change is told."""

from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from twinshop.cart.store import Mode, RedisCartStore, StoredCart
from twinshop.contracts.cart import Cart, CartChange, CartLine
from twinshop.contracts.errors import Invalid, VersionMismatch
from twinshop.contracts.values import MAX_LINES, MAX_QUANTITY, OpaqueId

_OPAQUE_ID: TypeAdapter[str] = TypeAdapter(OpaqueId)


class CartService:
    """
    The port, on a store.

    Each change that is accepted counts: it moves the version and the expiry on even if the lines stay as they were,
    because it must be recognised when it arrives again. A refused one leaves no trace.
    """

    def __init__(self, store: RedisCartStore) -> None:
        self._store = store

    async def get(self, cart_id: str) -> Cart:
        _check_id("cart_id", cart_id)
        return _cart(cart_id, await self._store.get(cart_id))

    async def change(self, cart_id: str, change: CartChange) -> Cart:
        if change.mode == "add" and change.quantity == 0:
            raise Invalid("Adding takes at least 1 piece.", sku=change.sku)
        lines = [(change.sku, change.quantity)]
        return await self._change(cart_id, change.mode, lines, change.change_id, change.expected_version)

    async def merge(self, cart_id: str, lines: Sequence[CartLine], change_id: str) -> Cart:
        """Add many lines at once, each cut at `MAX_QUANTITY`. Raises Invalid when it makes too many lines."""
        return await self._change(cart_id, "merge", [(line.sku, line.quantity) for line in lines], change_id)

    async def subtract(self, cart_id: str, lines: Sequence[CartLine], change_id: str) -> Cart:
        return await self._change(cart_id, "subtract", [(line.sku, line.quantity) for line in lines], change_id)

    async def _change(
        self,
        cart_id: str,
        mode: Mode,
        lines: Sequence[tuple[str, int]],
        change_id: str,
        expected_version: int | None = None,
    ) -> Cart:
        _check_id("cart_id", cart_id)
        _check_id("change_id", change_id)
        outcome, cart = await self._store.change(cart_id, mode, lines, change_id, expected_version)
        if outcome == "version-mismatch":
            raise VersionMismatch("The cart has changed since it was read.", version=cart.version)
        if outcome == "too-many-pieces":
            detail = f"A cart holds at most {MAX_QUANTITY} pieces of a product."
            raise Invalid(detail, sku=lines[0][0], limit=MAX_QUANTITY)
        if outcome == "too-many-lines":
            raise Invalid(f"A cart holds at most {MAX_LINES} different products.", limit=MAX_LINES)
        return _cart(cart_id, cart)


def _cart(cart_id: str, stored: StoredCart) -> Cart:
    return Cart(id=cart_id, version=stored.version, lines=stored.lines)


def _check_id(name: str, value: str) -> None:
    """The port takes ids as plain text; over HTTP they are refused before they come here."""
    try:
        _OPAQUE_ID.validate_python(value)
    except ValidationError as error:
        raise Invalid(f"The {name} is not 16 to 64 letters, digits, hyphens and underscores.") from error
