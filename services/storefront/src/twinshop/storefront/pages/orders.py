"""The orders of this browser."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from twinshop.contracts.cart import CartLine
from twinshop.contracts.catalog import Product
from twinshop.contracts.payment import Order
from twinshop.contracts.values import OpaqueId
from twinshop.storefront import messages
from twinshop.storefront.orders.access import own_order, own_orders
from twinshop.storefront.pages.page_context import PageContext, or_none
from twinshop.storefront.visitor import OwnSiteOnly


def router(context: PageContext) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    async def products_of(order: Order) -> dict[str, Product]:
        """For the pictures only: the order keeps names and prices itself."""
        products = await or_none(context.shop.catalog.get_many([line.sku for line in order.lines]))
        return {product.sku: product for product in products or ()}

    @routes.get("/orders")
    async def orders(request: Request) -> Response:
        visitor = await context.visitor(request)
        found = or_none(own_orders(context.shop, visitor))
        listed, pieces = await context.with_pieces(visitor, found)
        say = [line.name for order in listed or () for line in order.lines]
        return await context.page(
            request,
            visitor,
            "orders.html",
            pieces=pieces,
            say=say,
            status=503 if listed is None else 200,
            orders=listed,
            money_in_short=messages.MONEY_IN_SHORT,
        )

    @routes.get("/orders/{order_id}")
    async def order(request: Request, order_id: OpaqueId, placed: bool = False) -> Response:  # noqa: FBT001, FBT002
        visitor = await context.visitor(request)
        found = await own_order(context.shop, visitor, order_id)
        products, pieces = await asyncio.gather(products_of(found), context.pieces(visitor))
        country = messages.COUNTRIES.get(found.delivery.country, found.delivery.country)
        return await context.page(
            request,
            visitor,
            "order.html",
            pieces=pieces,
            say=[line.name for line in found.lines],
            order=found,
            products=products,
            country=country,
            money_texts=messages.MONEY,
            money_in_short=messages.MONEY_IN_SHORT,
            fresh=placed and found.state == "paid",
        )

    @routes.post("/orders/{order_id}/again", dependencies=[OwnSiteOnly])
    async def again(request: Request, order_id: OpaqueId, change_id: Annotated[OpaqueId, Form()]) -> Response:
        visitor = await context.visitor(request)
        found = await own_order(context.shop, visitor, order_id)
        lines = [CartLine(sku=line.sku, quantity=line.quantity) for line in found.lines]
        await context.shop.carts.merge(visitor.identity.cart, lines, change_id)
        return context.back_to("/cart", visitor)

    return routes
