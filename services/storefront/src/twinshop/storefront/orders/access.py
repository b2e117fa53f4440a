"""Which orders are the visitor's."""

import asyncio

from twinshop.contracts.errors import NotFound
from twinshop.contracts.payment import Order
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Identity, Visitor

NO_SUCH_ORDER = "There is no such order."


async def own_order(shop: Shop, visitor: Visitor, order_id: str) -> Order:
    """Return the visitor's own order. Raise NotFound for an unknown one and for somebody else's alike."""
    order = await shop.payments.get(order_id)
    if order.shopper_id not in {identity.shopper for identity in visitor.identities}:
        raise NotFound(NO_SUCH_ORDER)
    return order


async def own_orders(shop: Shop, visitor: Visitor) -> tuple[Order, ...]:
    """Return the visitor's orders, newest first."""
    found = await asyncio.gather(*(shop.payments.find(identity.shopper) for identity in visitor.identities))
    return tuple(sorted((order for orders in found for order in orders), key=lambda order: order.created_at)[::-1])


async def latest_paid(shop: Shop, identity: Identity) -> Order | None:
    """Return the newest paid order of the visitor's cart, if there is one."""
    orders = await shop.payments.find(identity.shopper)
    return next((order for order in orders if order.state == "paid" and order.cart_id == identity.cart), None)
