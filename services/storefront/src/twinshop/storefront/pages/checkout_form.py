"""What the checkout form says: where to and which card, and all that is wrong with it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from pydantic import ValidationError

from twinshop.contracts.errors import Invalid
from twinshop.contracts.payment import Card, Delivery, code_fault, expiry_fault, number_fault, typed_digits
from twinshop.contracts.text import printable
from twinshop.contracts.values import MAX_LINES, SKU_PATTERN
from twinshop.storefront import messages
from twinshop.storefront.basket import Basket
from twinshop.storefront.orders.submit import CheckoutRequest, delivery_faults

DELIVERY_FIELDS = ("name", "email", "street", "postcode", "city", "country")
SHOWN_AGAIN = (*DELIVERY_FIELDS, "expiry")
"""The card's number and code are not: a page holds them nowhere."""
NOT_SEEN = -1
"""Of a form that does not say which total or cart was seen: it comes back with those of now."""
_MONTH, _YEAR = r"(?P<month>0?[1-9]|1[0-2])", r"(?:20)?(?P<year>[0-9]{2})"
_WRITTEN = (
    rf"{_MONTH}[ /.-]+{_YEAR}",  # 12/30, 12 / 2030, 12-30
    r"(?P<month2>0[1-9]|1[0-2])(?:20)?(?P<year2>[0-9]{2})",  # 1230, 122030
    r"20(?P<year3>[0-9]{2})-(?P<month3>0[1-9]|1[0-2])",  # 2030-12, as browsers store it
)
_EXPIRY = re.compile("|".join(_WRITTEN))
_SEEN = re.compile(rf"(?P<sku>{SKU_PATTERN})\*(?P<quantity>[0-9]{{1,2}})@(?P<price>[0-9]{{1,13}})")
MAX_SEEN = MAX_LINES * (64 + len("*99@1000000000000 "))
"""Characters of the fullest order with the longest keys."""


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of the order as the page showed it; the unit price in minor units."""

    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Entered:
    """A form as it came: what may be shown again, what is wrong with it, and the request if nothing is."""

    shown: Mapping[str, str]
    errors: Mapping[str, str]
    request: CheckoutRequest | None
    seen: Mapping[str, SeenLine]


def entered(fields: Mapping[str, str]) -> Entered:
    """Read the form, with every mistake in it. The card's number and code are never shown again."""
    shown = {name: fields.get(name, "")[:254] for name in SHOWN_AGAIN}
    seen = seen_lines(fields.get("seen", ""))
    now = datetime.now(UTC)
    errors: dict[str, str] = {}
    delivery = None
    try:
        delivery = Delivery.model_validate({name: shown[name] for name in DELIVERY_FIELDS})
    except ValidationError as error:
        wrong_texts = {str(item["loc"][0]): item["type"] for item in error.errors()}
        errors.update({name: messages.told_of(name, kind) for name, kind in wrong_texts.items()})
        shown.update({name: printable(shown[name]) for name in wrong_texts})
    else:
        errors.update(delivery_faults(delivery))
    number, code = typed_digits(fields.get("card_number", "")), typed_digits(fields.get("code", ""))
    expiry = expiry_of(fields.get("expiry", ""))
    faults = {
        "card_number": number_fault(number) if number else messages.FIELD["card_number"],
        "expiry": messages.FIELD["expiry"] if expiry is None else expiry_fault(*expiry, now),
        "code": code_fault(code, number) if code else messages.FIELD["code"],
    }
    errors.update({field: fault for field, fault in faults.items() if fault is not None})
    if delivery is None or expiry is None or errors:
        return Entered(shown, errors, None, seen)
    card = Card.model_validate({"number": number, "expiry_year": expiry[0], "expiry_month": expiry[1], "code": code})
    request = CheckoutRequest(
        delivery=delivery,
        card=card,
        expected_total=_number(fields.get("expected_total", "")),
        expected_version=_number(fields.get("cart_version", "")),
        expected_prices={sku: line.price for sku, line in seen.items()},
    )
    return Entered(shown, {}, request, seen)


def expiry_of(typed: str) -> tuple[int, int] | None:
    """Return year and month as people, browsers and password managers write them; None for what is no date."""
    folded = unicodedata.normalize("NFKC", typed[:100])
    plain = "".join(
        "-" if unicodedata.category(each) == "Pd" or each == "\u2212" else "/" if each in "\u2044\u2215" else each
        for each in folded
        if unicodedata.category(each) != "Cf"
    )
    found = _EXPIRY.fullmatch(" ".join(plain.split()))
    if found is None:
        return None
    month, year = (next(found[name + n] for n in ("", "2", "3") if found[name + n]) for name in ("month", "year"))
    return 2000 + int(year), int(month)


def seen_text(basket: Basket) -> str:
    """Return what the page shows of the order, for the form to bring back."""
    lines = (line for line in basket.lines if line.product is not None)
    return " ".join(f"{line.sku}*{line.quantity}@{line.product.price.amount}" for line in lines if line.product)


def seen_lines(text: str) -> dict[str, SeenLine]:
    """Return the lines of `seen_text`; what is none is passed over, and then differs from the cart."""
    found = (_SEEN.fullmatch(part) for part in text[:MAX_SEEN].split(" "))
    return {line["sku"]: SeenLine(int(line["quantity"]), int(line["price"])) for line in found if line}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else NOT_SEEN  # noqa: PLR2004


async def form_of(request: Request) -> dict[str, str]:
    """Its fields that are texts. Raises Invalid."""
    try:
        form = await request.form()
    except (UnicodeError, LookupError) as error:  # in an encoding that there is not
        raise Invalid("The form cannot be read.") from error
    return {name: value for name, value in form.items() if isinstance(value, str)}
