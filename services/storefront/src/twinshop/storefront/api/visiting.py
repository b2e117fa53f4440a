"""The visitor of an API request, strictly: a cookie that this shop did not sign is an error, not a new visitor."""

from fastapi import Request

from twinshop.contracts.errors import Invalid
from twinshop.storefront.basket import united
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import COOKIE, Visitor, Visitors


async def read_strictly(shop: Shop, visitors: Visitors, request: Request) -> Visitor:
    """Return the visitor, all carts of whose cookies are one. Raise Invalid where every cookie is forged."""
    visitor = visitors.read(request)
    if visitor.forged:
        raise Invalid(f"The cookie {COOKIE} was not issued by this shop. Leave it out to start with an empty cart.")
    return await united(shop, visitor)
