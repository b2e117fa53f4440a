"""The checkout page: where to, which card, pay."""

import re
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from twinshop.contracts.cart import Cart
from twinshop.contracts.errors import AlreadyPaid, Declined, KeyInUse, ShopError, Unavailable
from twinshop.contracts.payment import Order
from twinshop.kit.problems import STATUS
from twinshop.storefront import language, messages
from twinshop.storefront.basket import Basket, priced
from twinshop.storefront.ids import new_id
from twinshop.storefront.orders.access import latest_paid
from twinshop.storefront.orders.submit import submit_order
from twinshop.storefront.pages.cart import basket_texts
from twinshop.storefront.pages.checkout_form import (
    DELIVERY_FIELDS,
    SHOWN_AGAIN,
    Entered,
    SeenLine,
    entered,
    form_of,
    seen_text,
)
from twinshop.storefront.pages.page_context import Notice, PageContext, or_none
from twinshop.storefront.pages.problem_texts import problem_text
from twinshop.storefront.visitor import OwnSiteOnly, Visitor

FIELD_OF = {
    "card.number": "card_number",
    "card.expiry": "expiry",
    "card.code": "code",
    **{f"delivery.{name}": name for name in DELIVERY_FIELDS},
}
"""Where the form has what a checkout request calls so."""


def router(context: PageContext) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    async def show(
        request: Request,
        visitor: Visitor,
        *,
        filled: Entered | None = None,
        errors: Mapping[str, str] | None = None,
        advice: str | None = None,
        notice: Notice | None = None,
        key: str | None = None,
        blocked: str | None = None,
        status: int = 200,
    ) -> Response:
        """The form, or why there is none; `advice` is for a card that was declined."""
        cart = await or_none(context.shop.carts.get(visitor.identity.cart))
        basket = None if cart is None else await priced(context.shop, cart, visitor.identity.shopper)
        blocked = blocked or _blocked(cart, basket)
        paid = await _paid(visitor) if blocked == messages.EMPTY_CART else None
        down = cart is None or basket is None or not basket.priced
        total = None if basket is None else basket.total
        errors = errors or {}
        cards = [{"number": number, "text": text} for number, text in messages.TEST_CARDS.items()]
        countries = [{"code": code, "name": name} for code, name in messages.COUNTRIES.items()]
        return await context.page(
            request,
            visitor,
            "checkout.html",
            pieces=None if cart is None else cart.pieces,
            say=basket_texts(basket),
            notices=[] if notice is None else [notice],
            status=503 if down and status == 200 else status,  # noqa: PLR2004 - nothing can be paid: the page is no use
            cart=basket,
            form=dict.fromkeys(SHOWN_AGAIN, "") if filled is None else filled.shown,
            again=filled is not None,
            errors=errors,
            advice=advice,
            idempotency_key=key or new_id(),
            total_amount=None if total is None else total.amount,
            seen="" if basket is None else seen_text(basket),
            changed=set() if filled is None or basket is None else _changed(basket, filled.seen),
            countries=countries,
            test_cards=cards,
            blocked=blocked,
            paid=paid,
        )

    async def _paid(visitor: Visitor) -> Order | None:
        """The order that emptied the cart: after paying, Back and other windows lead here."""
        return await or_none(latest_paid(context.shop, visitor.identity)) if visitor.known else None

    @routes.get("/checkout")
    async def checkout(request: Request) -> Response:
        visitor = await context.visitor(request)
        return await show(request, visitor)

    @routes.post("/checkout", dependencies=[OwnSiteOnly])
    async def pay(request: Request) -> Response:
        visitor = await context.visitor(request)
        fields = await form_of(request)
        key = fields.get("idempotency_key", "")
        if not re.fullmatch(r"[\x21-\x7e]{8,255}", key):
            key = new_id()
        filled = entered(fields)
        if filled.request is None:
            return await show(request, visitor, filled=filled, errors=filled.errors, key=key, status=422)
        spoken = language.wanted(request)
        try:
            order = await submit_order(context.shop, visitor.identity, key, filled.request, spoken, key_names_form=True)
        except ShopError as error:
            return await refused(request, visitor, filled, error, key)
        return context.back_to(f"/orders/{order.id}?placed=true", visitor)

    async def refused(request: Request, visitor: Visitor, filled: Entered, error: ShopError, key: str) -> Response:
        """
        Show the form again with what went wrong, or the order that says what happened to the money.

        The key is kept where the same order may still come to an end, so that trying again cannot charge twice.
        """
        order_id = error.facts.get("order_id")
        ledger_down = isinstance(error, Unavailable) and error.facts.get("component") == "payment"
        if order_id is not None and not isinstance(error, AlreadyPaid):
            if ledger_down:  # it is charged, and cannot be shown
                return await show(request, visitor, blocked=messages.COMPLETING, key=key, status=STATUS[error.code])
            return context.back_to(f"/orders/{order_id}", visitor)
        errors, advice = _at_fields(error)
        unfinished = isinstance(error, Unavailable | KeyInUse)
        return await show(
            request,
            visitor,
            filled=filled,
            errors=errors,
            advice=advice,
            notice=None if errors or isinstance(error, AlreadyPaid) else Notice("error", _problem_text(error)),
            key=key if unfinished or (errors and advice is None) else None,
            status=STATUS[error.code],
        )

    return routes


def _at_fields(error: ShopError) -> tuple[Mapping[str, str], str | None]:
    """What stands at the form's fields, and what to do about a card that was declined."""
    if isinstance(error, Declined):
        return {"card_number": error.detail}, messages.ADVICE.get(str(error.facts.get("reason")), messages.OTHER_CARD)
    fields = error.facts.get("fields")
    listed = [field for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []
    return {FIELD_OF[str(each["field"])]: str(each["detail"]) for each in listed if each["field"] in FIELD_OF}, None


def _problem_text(error: ShopError) -> str:
    if isinstance(error, Unavailable) and (down := messages.DOWN.get(str(error.facts.get("component")))):
        return down
    return problem_text(error.code, error.detail, error.facts)


def _changed(basket: Basket, seen: Mapping[str, SeenLine]) -> set[str]:
    """Products whose line is not what the form showed."""
    now = {line.sku: SeenLine(line.quantity, line.product.price.amount) for line in basket.lines if line.product}
    return {sku for sku, line in now.items() if seen.get(sku) != line}


def _blocked(cart: Cart | None, basket: Basket | None) -> str | None:
    """Why nothing can be paid for now."""
    if cart is None or basket is None:
        return messages.DOWN["cart"]
    if not basket.priced:
        return messages.DOWN["catalog"]
    if not basket.lines:
        return messages.EMPTY_CART
    return next((line.problem for line in basket.lines if line.problem is not None), None)
