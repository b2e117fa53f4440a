"""The checkout page: where to, which card, pay."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from twinshop.contracts.cart import Cart
from twinshop.contracts.errors import KeyInUse, ShopError, Unavailable
from twinshop.contracts.payment import Card, Delivery
from twinshop.kit.problems import STATUS
from twinshop.storefront import language, messages
from twinshop.storefront.basket import Basket, priced
from twinshop.storefront.pages.cart import basket_texts
from twinshop.storefront.pages.desk import Desk, Notice, or_none
from twinshop.storefront.placing import CheckoutRequest, place
from twinshop.storefront.visitor import OwnSiteOnly, Visitor, new_id

DELIVERY_FIELDS = ("name", "email", "street", "postcode", "city", "country")
_EXPIRY = re.compile(r"\s*(0?[1-9]|1[0-2])\s*[/-]\s*(?:20)?([0-9]{2})\s*")


@dataclass(frozen=True, slots=True)
class Entered:
    """A form as it came: what may be shown again, what is wrong with it, and the request if nothing is."""

    shown: Mapping[str, str]
    errors: Mapping[str, str]
    request: CheckoutRequest | None


def entered(fields: Mapping[str, str]) -> Entered:
    """Read the form. The card's number and code are never shown again."""
    shown = {name: fields.get(name, "")[:254] for name in DELIVERY_FIELDS}
    errors: dict[str, str] = {}
    delivery, card = None, None
    try:
        delivery = Delivery.model_validate(shown)
    except ValidationError as error:
        errors.update({str(item["loc"][0]): messages.FIELD[str(item["loc"][0])] for item in error.errors()})
    expiry = _EXPIRY.fullmatch(fields.get("expiry", ""))
    if expiry is None:
        errors["expiry"] = messages.FIELD["expiry"]
    else:
        month, year = int(expiry[1]), 2000 + int(expiry[2])
        try:
            number, code = fields.get("card_number", ""), fields.get("code", "")
            card = Card.model_validate({"number": number, "expiry_month": month, "expiry_year": year, "code": code})
        except ValidationError as error:
            names = {"number": "card_number"}
            wrong = (str(item["loc"][0]) for item in error.errors())
            errors.update({names.get(field, field): messages.FIELD[names.get(field, field)] for field in wrong})
    total = fields.get("expected_total", "")
    expected = int(total) if total.isascii() and total.isdigit() and len(total) < 16 else None  # noqa: PLR2004
    if delivery is None or card is None or errors:
        return Entered(shown, errors, None)
    return Entered(shown, {}, CheckoutRequest(delivery=delivery, card=card, expected_total=expected))


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
            blocked=_blocked(cart, basket),
        )

    @routes.get("/checkout")
    async def checkout(request: Request) -> Response:
        visitor = desk.visitors.read(request)
        return await show(request, visitor)

    @routes.post("/checkout", dependencies=[OwnSiteOnly])
    async def pay(request: Request) -> Response:
        visitor = desk.visitors.read(request)
        form = await request.form()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        key = fields.get("idempotency_key", "")
        if not re.fullmatch(r"[\x21-\x7e]{8,255}", key):
            key = new_id()
        filled = entered(fields)
        if filled.request is None:
            return await show(request, visitor, shown=filled.shown, errors=filled.errors, key=key, status=422)
        try:
            order = await place(desk.shop, visitor.identity, key, filled.request, language.wanted(request))
        except ShopError as error:
            return await refused(request, visitor, filled, error, key)
        return desk.back_to(f"/orders/{order.id}?placed=true", visitor)

    async def refused(request: Request, visitor: Visitor, filled: Entered, error: ShopError, key: str) -> Response:
        """
        Show the form again with what went wrong.

        The key is kept where the same order may still come to an end, so that trying again cannot charge twice.
        """
        field = {"card.number": "card_number", "card.expiry": "expiry", "card.code": "code"}.get(
            str(error.facts.get("field"))
        )
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
    if isinstance(error, Unavailable):
        return messages.DOWN.get(str(error.facts.get("component")), messages.TEMPORARY)
    return error.detail


def _blocked(cart: Cart | None, basket: Basket | None) -> str | None:
    """Why nothing can be paid for now."""
    if cart is None or basket is None:
        return messages.DOWN["cart"]
    if not basket.priced:
        return messages.DOWN["catalog"]
    if not basket.lines:
        return messages.EMPTY_CART
    if not basket.can_check_out:
        return messages.LESS_LEFT
    return None
