"""What all of the API does: private answers, and a visitor whose cookie must be one that this shop signed."""

from fastapi import Depends, Request, Response

from twinshop.contracts.errors import Invalid
from twinshop.storefront.basket import united
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import COOKIE, PRIVATE, Visitor, Visitors


async def read_strictly(shop: Shop, visitors: Visitors, request: Request) -> Visitor:
    """Return the visitor, all carts of whose cookies are one. Raise Invalid where every cookie is forged."""
    visitor = visitors.read(request)
    if visitor.forged:
        raise Invalid(f"The cookie {COOKIE} was not issued by this shop. Leave it out to start with an empty cart.")
    return await united(shop, visitor)


async def private(response: Response) -> None:
    """On every answer of the API."""
    response.headers.update(PRIVATE)


Private = Depends(private)
