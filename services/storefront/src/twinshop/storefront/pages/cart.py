"""The cart: look at it, add, change, remove."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from twinshop.contracts.cart import Cart, CartChange
from twinshop.contracts.errors import ShopError, Unavailable, VersionMismatch
from twinshop.contracts.values import MAX_QUANTITY, OpaqueId, Sku
from twinshop.storefront import messages
from twinshop.storefront.basket import Basket, priced, put_in
from twinshop.storefront.pages.page_context import Notice, PageContext, is_htmx, or_none
from twinshop.storefront.pages.problem_texts import problem_text
from twinshop.storefront.visitor import OwnSiteOnly, Visitor

SkuField = Annotated[Sku, Form()]
ChangeId = Annotated[OpaqueId, Form()]


def basket_texts(basket: Basket | None) -> list[str]:
    if basket is None:
        return []
    return [line.product.name for line in basket.lines if line.product is not None]


def router(context: PageContext) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    async def show(request: Request, visitor: Visitor, cart: Cart | None, notices: list[Notice]) -> Response:
        basket = None if cart is None else await priced(context.shop, cart, visitor.identity.shopper)
        return await context.page(
            request,
            visitor,
            "_cart.html" if is_htmx(request) else "cart.html",
            pieces=None if cart is None else cart.pieces,
            status=503 if cart is None and not is_htmx(request) else 200,
            say=basket_texts(basket),
            notices=notices,
            cart=basket,
        )

    async def status(request: Request, visitor: Visitor, pieces: int | None, message: str) -> Response:
        """The header's cart link alone, for htmx; errors too, since htmx shows only answers that are a success."""
        response = await context.page(request, visitor, "_cart_status.html", pieces=pieces, cart_message=message)
        context.visitors.remember(visitor, response)
        return response

    @routes.get("/cart")
    async def cart(request: Request) -> Response:
        visitor = await context.visitor(request)
        contents = await or_none(context.shop.carts.get(visitor.identity.cart))
        return await show(request, visitor, contents, [])

    @routes.post("/cart/add", dependencies=[OwnSiteOnly])
    async def add(
        request: Request,
        sku: SkuField,
        change_id: ChangeId,
        quantity: Annotated[int, Form(ge=1, le=MAX_QUANTITY)] = 1,
    ) -> Response:
        visitor = await context.visitor(request)
        change = CartChange(sku=sku, quantity=quantity, mode="add", change_id=change_id)
        try:
            contents = await put_in(context.shop, visitor.identity.cart, change)
        except ShopError as error:
            if not is_htmx(request):
                raise
            down = isinstance(error, Unavailable)
            message = messages.DOWN["cart"] if down else problem_text(error.code, error.detail, error.facts)
            return await status(request, visitor, None if down else await context.pieces(visitor), message)
        if is_htmx(request):
            return await status(request, visitor, contents.pieces, messages.ADDED)
        return context.back_to("/cart", visitor)

    @routes.post("/cart/set", dependencies=[OwnSiteOnly])
    async def set_quantity(
        request: Request,
        sku: SkuField,
        change_id: ChangeId,
        quantity: Annotated[int, Form(ge=0, le=MAX_QUANTITY)],
        version: Annotated[int | None, Form(ge=0)] = None,
        shown: Annotated[int | None, Form(ge=0)] = None,
    ) -> Response:
        """`version` is that of the cart that the page showed, `shown` the quantity of this line there."""
        visitor = await context.visitor(request)
        change = CartChange(sku=sku, quantity=quantity, mode="set", change_id=change_id, expected_version=version)
        notices = [Notice("success", messages.CART_CHANGED)]
        cart_id = visitor.identity.cart
        try:
            contents = await context.shop.carts.change(cart_id, change)
        except VersionMismatch:
            contents = await context.shop.carts.get(cart_id)
            if shown != _quantity(contents, sku):
                notices = [Notice("warning", messages.NOT_CHANGED)]
            else:  # it was another line that changed, and it does not matter if one changes now
                contents = await context.shop.carts.change(
                    cart_id, change.model_copy(update={"expected_version": None})
                )
        if is_htmx(request):
            return await show(request, visitor, contents, notices)
        return context.back_to("/cart", visitor)

    return routes


def _quantity(cart: Cart, sku: str) -> int:
    return next((line.quantity for line in cart.lines if line.sku == sku), 0)
