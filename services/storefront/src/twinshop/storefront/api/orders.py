"""Placing orders, and the visitor's orders."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Request, Response
from pydantic import StringConstraints

from twinshop.contracts.errors import (
    AlreadyPaid,
    CartInUse,
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
    VersionMismatch,
)
from twinshop.contracts.payment import IdempotencyKey, Order
from twinshop.kit.problems import documented
from twinshop.storefront import language
from twinshop.storefront.api import examples
from twinshop.storefront.api.description import KEY_HEADER
from twinshop.storefront.api.visiting import Private, read_strictly
from twinshop.storefront.orders.access import NO_SUCH_ORDER, own_order, own_orders
from twinshop.storefront.orders.submit import CheckoutRequest, submit_order
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
    *(AlreadyPaid, CartInUse, Conflict, Declined, NotFound, OutOfStock, PriceChanged, VersionMismatch, Unavailable),
)


def router(shop: Shop, visitors: Visitors) -> APIRouter:
    routes = APIRouter(prefix="/api/orders", tags=["orders"], dependencies=[Private])

    @routes.post("", status_code=201, dependencies=[OwnSiteOnly], responses=documented(*CHECKOUT_ERRORS))
    async def place_order(request: Request, response: Response, body: Checkout, key: Key) -> Order:
        visitor = await read_strictly(shop, visitors, request)
        order = await submit_order(shop, visitor.identity, key, body, language.demanded(request))
        visitors.remember(visitor, response)
        response.headers["location"] = f"/api/orders/{order.id}"
        return order

    @routes.get("", responses=documented(Invalid, Unavailable))
    async def orders(request: Request) -> tuple[Order, ...]:
        visitor = await read_strictly(shop, visitors, request)
        return await own_orders(shop, visitor)

    @routes.get("/{order_id}", responses=documented(Invalid, NotFound, Unavailable))
    async def order(request: Request, order_id: OrderId) -> Order:
        visitor = await read_strictly(shop, visitors, request)
        if order_id != LATEST:
            return await own_order(shop, visitor, order_id)
        for newest in await own_orders(shop, visitor):
            return newest
        raise NotFound(NO_SUCH_ORDER)

    return routes
