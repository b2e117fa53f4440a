"""The cart over HTTP: parse, call, return."""

from fastapi import APIRouter

from twinshop.contracts.cart import Cart, CartChange, CartLine, Carts
from twinshop.contracts.errors import Invalid, Unavailable, VersionMismatch
from twinshop.contracts.values import OpaqueId, Value
from twinshop.kit import problems


class ManyLines(Value):
    """One change to many lines; `change_id` names it, so that it is made once however often it arrives."""

    lines: tuple[CartLine, ...]
    change_id: OpaqueId


def router(carts: Carts) -> APIRouter:
    """The operations of the port."""
    routes = APIRouter(prefix="/cart", tags=["cart"], responses=problems.documented(Invalid, Unavailable))

    @routes.get("/carts/{cart_id}")
    async def get_cart(cart_id: OpaqueId) -> Cart:
        """A cart. One that was never filled is empty, at version 0."""
        return await carts.get(cart_id)

    @routes.post("/carts/{cart_id}/changes", responses=problems.documented(VersionMismatch))
    async def change_cart(cart_id: OpaqueId, change: CartChange) -> Cart:
        """Add pieces of a product, or set how many there are; the cart as it is afterwards."""
        return await carts.change(cart_id, change)

    @routes.post("/carts/{cart_id}/merge")
    async def merge_lines(cart_id: OpaqueId, body: ManyLines) -> Cart:
        """Add many lines at once; too many pieces of a product are cut, too many lines are refused."""
        return await carts.merge(cart_id, body.lines, body.change_id)

    @routes.post("/carts/{cart_id}/subtract")
    async def subtract_lines(cart_id: OpaqueId, body: ManyLines) -> Cart:
        """Take pieces out; those that are no longer there are passed over."""
        return await carts.subtract(cart_id, body.lines, body.change_id)

    return routes
