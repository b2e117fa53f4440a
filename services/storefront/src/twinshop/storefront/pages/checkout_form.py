"""What the checkout form says: where to and which card, and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from pydantic import ValidationError

from twinshop.contracts.errors import Invalid
from twinshop.contracts.payment import Card, Delivery
from twinshop.storefront import messages
from twinshop.storefront.orders.submit import CheckoutRequest

DELIVERY_FIELDS = ("name", "email", "street", "postcode", "city", "country")
NO_TOTAL = -1
"""Of a form that does not say which total was seen: no order has it, so the form comes back with the true one."""
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
    expected = int(total) if total.isascii() and total.isdigit() and len(total) < 16 else NO_TOTAL  # noqa: PLR2004
    if delivery is None or card is None or errors:
        return Entered(shown, errors, None)
    return Entered(shown, {}, CheckoutRequest(delivery=delivery, card=card, expected_total=expected))


async def form_of(request: Request) -> dict[str, str]:
    """Its fields that are texts. Raises Invalid."""
    try:
        form = await request.form()
    except (UnicodeError, LookupError) as error:  # in an encoding that there is not
        raise Invalid("The form cannot be read.") from error
    return {name: value for name, value in form.items() if isinstance(value, str)}
