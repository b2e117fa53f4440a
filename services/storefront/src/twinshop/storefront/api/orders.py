"""Placing orders, and the visitor's orders."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Request, Response
from pydantic import StringConstraints

from twinshop.contracts.errors import (
    Conflict,
    Declined,
    Forbidden,
    Invalid,
    KeyInUse,
    KeyReused,
    Malformed,
    NotFound,
    OutOfStock,
    PriceChanged,
    TooLarge,
    Unavailable,
)
from twinshop.contracts.payment import IdempotencyKey, Order
from twinshop.kit.problems import documented
from twinshop.storefront import language
from twinshop.storefront.api import examples
from twinshop.storefront.api.description import KEY_HEADER
from twinshop.storefront.api.visiting import read_strictly
from twinshop.storefront.pages.orders import NO_SUCH_ORDER, own_order
from twinshop.storefront.placing import CheckoutRequest, place
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import OwnSiteOnly, Visitors

Key = Annotated[
    IdempotencyKey,
    Header(alias=KEY_HEADER, description="Names this order: sending the request again orders nothing twice"),
]
Checkout = Annotated[CheckoutRequest, Body(openapi_examples=examples.CHECKOUT)]
LATEST = "latest"
OrderId = Annotated[
    str,
    StringConstraints(pattern=rf"^({LATEST}|[A-Za-z0-9_-]{{16,64}})$"),
    Path(description=f"`{LATEST}` is the visitor's newest order", openapi_examples=examples.ORDER),
]
CHECKOUT_ERRORS = (
    *(Malformed, TooLarge, Invalid, Forbidden, KeyInUse, KeyReused),
    *(Conflict, Declined, NotFound, OutOfStock, PriceChanged, Unavailable),
)


def router(shop: Shop, visitors: Visitors) -> APIRouter:
    routes = APIRouter(prefix="/orders", tags=["orders"])

    @routes.post("", status_code=201, dependencies=[OwnSiteOnly], responses=documented(*CHECKOUT_ERRORS))
    async def place_order(request: Request, response: Response, body: Checkout, key: Key) -> Order:
        visitor = read_strictly(visitors, request)
        order = await place(shop, visitor.identity, key, body, language.demanded(request))
        visitors.remember(visitor, response)
        response.headers["location"] = f"/api/orders/{order.id}"
        return order

    @routes.get("", responses=documented(Invalid, Unavailable))
    async def orders(request: Request) -> tuple[Order, ...]:
        visitor = read_strictly(visitors, request)
        return await shop.payments.find(visitor.identity.shopper)

    @routes.get("/{order_id}", responses=documented(Invalid, NotFound, Unavailable))
    async def order(request: Request, order_id: OrderId) -> Order:
        visitor = read_strictly(visitors, request)
        if order_id != LATEST:
            return await own_order(shop, visitor, order_id)
        for newest in await shop.payments.find(visitor.identity.shopper):
            return newest
        raise NotFound(NO_SUCH_ORDER)

    return routes
