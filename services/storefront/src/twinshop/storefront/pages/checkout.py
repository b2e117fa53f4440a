"""The checkout page: where to, which card, pay."""

import hashlib
import re
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from twinshop.contracts.cart import Cart
from twinshop.contracts.errors import CartInUse, KeyInUse, KeyReused, ShopError, Unavailable
from twinshop.contracts.payment import Order
from twinshop.kit.problems import STATUS
from twinshop.storefront import language, messages
from twinshop.storefront.basket import Basket, priced
from twinshop.storefront.orders.saga import as_error
from twinshop.storefront.orders.submit import CheckoutRequest, decided, fingerprint, place
from twinshop.storefront.pages.cart import basket_texts
from twinshop.storefront.pages.checkout_form import DELIVERY_FIELDS, Entered, entered, form_of
from twinshop.storefront.pages.desk import Desk, Notice, or_none
from twinshop.storefront.shop import Shop
from twinshop.storefront.telling import told
from twinshop.storefront.visitor import Identity, OwnSiteOnly, Visitor, new_id

FIELD_OF = {
    "card.number": "card_number",
    "card.expiry": "expiry",
    "card.code": "code",
    **{f"delivery.{name}": name for name in DELIVERY_FIELDS},
}
"""Where the form has what a checkout request calls so."""


async def placed(shop: Shop, identity: Identity, key: str, wanted: CheckoutRequest, lang: str) -> Order:
    """Place the order; a second click waits for what the first one comes to. Raises as `place`."""
    try:
        return await place(shop, identity, key, wanted, lang)
    except KeyReused:  # the same form with another card or address: another order, unless the first one is charged
        key = hashlib.sha256(f"{key} {fingerprint(identity, wanted)}".encode()).hexdigest()
        return await placed(shop, identity, key, wanted, lang)
    except KeyInUse:
        order = await decided(shop, identity, key, wanted)
        if order is None:
            raise
        if order.failure is not None:
            raise as_error(order.failure) from None
        return order


def router(desk: Desk) -> APIRouter:
    routes = APIRouter()

    async def show(
        request: Request,
        visitor: Visitor,
        *,
        shown: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        notice: Notice | None = None,
        key: str | None = None,
        blocked: str | None = None,
        status: int = 200,
    ) -> Response:
        cart = await or_none(desk.shop.carts.get(visitor.identity.cart))
        basket = None if cart is None else await priced(desk.shop, cart)
        total = None if basket is None else basket.total
        errors = errors or {}
        cards = [{"number": number, "text": text} for number, text in messages.TEST_CARDS.items()]
        countries = [{"code": code, "name": name} for code, name in messages.COUNTRIES.items()]
        say = (*basket_texts(basket), *errors.values(), *messages.COUNTRIES.values(), *messages.TEST_CARDS.values())
        return await desk.page(
            request,
            visitor,
            "checkout.html",
            pieces=None if cart is None else cart.pieces,
            say=say,
            notices=[] if notice is None else [notice],
            status=status,
            cart=basket,
            form=shown or dict.fromkeys(DELIVERY_FIELDS, ""),
            errors=errors,
            idempotency_key=key or new_id(),
            total_amount=None if total is None else total.amount,
            countries=countries,
            test_cards=cards,
            blocked=blocked or _blocked(cart, basket, again=key is not None),
        )

    @routes.get("/checkout")
    async def checkout(request: Request) -> Response:
        visitor = desk.visitors.read(request)
        return await show(request, visitor)

    @routes.post("/checkout", dependencies=[OwnSiteOnly])
    async def pay(request: Request) -> Response:
        visitor = desk.visitors.read(request)
        fields = await form_of(request)
        key = fields.get("idempotency_key", "")
        if not re.fullmatch(r"[\x21-\x7e]{8,255}", key):
            key = new_id()
        filled = entered(fields)
        if filled.request is None:
            return await show(request, visitor, shown=filled.shown, errors=filled.errors, key=key, status=422)
        try:
            order = await placed(desk.shop, visitor.identity, key, filled.request, language.wanted(request))
        except ShopError as error:
            return await refused(request, visitor, filled, error, key)
        return desk.back_to(f"/orders/{order.id}?placed=true", visitor)

    async def refused(request: Request, visitor: Visitor, filled: Entered, error: ShopError, key: str) -> Response:
        """
        Show the form again with what went wrong, or the order that is being completed.

        The key is kept where the same order may still come to an end, so that trying again cannot charge twice.
        """
        order_id = error.facts.get("order_id")
        if isinstance(error, CartInUse) or (order_id is not None and error.facts.get("component") != "payment"):
            return desk.back_to(f"/orders/{order_id}", visitor)
        if order_id is not None:  # the ledger is down, so the order cannot be shown
            return await show(request, visitor, blocked=messages.COMPLETING, key=key, status=STATUS[error.code])
        field = FIELD_OF.get(str(error.facts.get("field")))
        unfinished = isinstance(error, Unavailable | KeyInUse)
        return await show(
            request,
            visitor,
            shown=filled.shown,
            errors={} if field is None else {field: error.detail},
            notice=Notice("error", _told(error)) if field is None else None,
            key=key if unfinished or field is not None else None,
            status=STATUS[error.code],
        )

    return routes


def _told(error: ShopError) -> str:
    if isinstance(error, Unavailable) and (down := messages.DOWN.get(str(error.facts.get("component")))):
        return down
    return told(error.code, error.detail, error.facts)


def _blocked(cart: Cart | None, basket: Basket | None, *, again: bool) -> str | None:
    """Why nothing can be paid for now. `again`: what a first try has reserved looks as if it were sold."""
    if cart is None or basket is None:
        return messages.DOWN["cart"]
    if not basket.priced:
        return messages.DOWN["catalog"]
    if not basket.lines:
        return messages.EMPTY_CART
    problems = [line.problem for line in basket.lines if line.problem is not None]
    if again:
        problems = [problem for problem in problems if problem == messages.GONE]
    return problems[0] if problems else None
