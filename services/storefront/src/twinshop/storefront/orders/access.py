"""Which orders a visitor may read."""

from twinshop.contracts.errors import NotFound
from twinshop.contracts.payment import Order
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Visitor


async def own_order(shop: Shop, visitor: Visitor, order_id: str) -> Order:
    """Return the visitor's own order. Raise NotFound for an unknown one and for somebody else's alike."""
    order = await shop.payments.get(order_id)
    if order.shopper_id != visitor.identity.shopper:
        raise NotFound("There is no such order.")
    return order
