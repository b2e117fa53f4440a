"""Placing orders, and the visitor's orders."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

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
from twinshop.contracts.values import OpaqueId
from twinshop.kit.problems import documented
from twinshop.storefront import language
from twinshop.storefront.api.visiting import read_strictly
from twinshop.storefront.orders.access import own_order, own_orders
from twinshop.storefront.orders.submit import CheckoutRequest, submit_order
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import OwnSiteOnly, Visitors

Key = Annotated[
    IdempotencyKey,
    Header(alias="Idempotency-Key", description="Names this order: sending the request again orders nothing twice"),
]
CHECKOUT_ERRORS = (
    *(Malformed, TooLarge, Invalid, Forbidden, KeyInUse, KeyReused),
    *(AlreadyPaid, CartInUse, Conflict, Declined, NotFound, OutOfStock, PriceChanged, VersionMismatch, Unavailable),
)


def router(shop: Shop, visitors: Visitors) -> APIRouter:
    routes = APIRouter(prefix="/orders", tags=["orders"])

    @routes.post("", status_code=201, dependencies=[OwnSiteOnly], responses=documented(*CHECKOUT_ERRORS))
    async def place_order(request: Request, response: Response, body: CheckoutRequest, key: Key) -> Order:
        visitor = await read_strictly(shop, visitors, request)
        order = await submit_order(shop, visitor.identity, key, body, language.wanted(request))
        visitors.remember(visitor, response)
        response.headers["location"] = f"/api/orders/{order.id}"
        return order

    @routes.get("", responses=documented(Invalid, Unavailable))
    async def orders(request: Request) -> tuple[Order, ...]:
        visitor = await read_strictly(shop, visitors, request)
        return await own_orders(shop, visitor)

    @routes.get("/{order_id}", responses=documented(Invalid, NotFound, Unavailable))
    async def order(request: Request, order_id: OpaqueId) -> Order:
        return await own_order(shop, await read_strictly(shop, visitors, request), order_id)

    return routes
