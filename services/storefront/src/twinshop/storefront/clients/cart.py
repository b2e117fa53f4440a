"""The carts over HTTP."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from twinshop.contracts.cart import Cart, CartChange, CartLine
from twinshop.contracts.values import Value
from twinshop.kit.client import Remote, segment

_CART = TypeAdapter(Cart)


class _Lines(Value):
    lines: tuple[CartLine, ...]
    change_id: str


class HttpCarts:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def get(self, cart_id: str) -> Cart:
        return await self._remote.read(_CART, "GET", f"/cart/carts/{segment(cart_id)}")

    async def change(self, cart_id: str, change: CartChange) -> Cart:
        return await self._post(cart_id, "changes", change)

    async def merge(self, cart_id: str, lines: Sequence[CartLine], change_id: str) -> Cart:
        return await self._post(cart_id, "merge", _Lines(lines=tuple(lines), change_id=change_id))

    async def subtract(self, cart_id: str, lines: Sequence[CartLine], change_id: str) -> Cart:
        return await self._post(cart_id, "subtract", _Lines(lines=tuple(lines), change_id=change_id))

    async def _post(self, cart_id: str, what: str, body: Value) -> Cart:
        path = f"/cart/carts/{segment(cart_id)}/{what}"
        return await self._remote.read(_CART, "POST", path, body.model_dump_json().encode())
