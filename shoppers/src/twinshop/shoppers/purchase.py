"""What a shopper sends to pay for a cart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACCEPTED, SECOND_ACCEPTED = "4242424242424242", "5555555555554444"
DECLINED, NO_MONEY = "4000000000000002", "4000000000009995"
FAILS_ONCE, SLOW = "4000000000000119", "4000000000000341"
"""The shop's test cards, by what the card company says."""

DELIVERY: Mapping[str, str] = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1",
    "city": "London",
    "country": "GB",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One checkout: the same key always comes with the same request. `declined`: its card is one that is."""

    key: str
    request: dict[str, Any]
    total: int
    lines: dict[str, int]
    declined: bool


def card(number: str = ACCEPTED) -> dict[str, Any]:
    """Return a card with this number, as the API reads it."""
    return {"number": number, "expiry_month": 12, "expiry_year": 2090, "code": "123"}


def checkout(
    number: str = ACCEPTED,
    *,
    delivery: Mapping[str, str] = DELIVERY,
    **seen: Any,  # noqa: ANN401 - JSON
) -> dict[str, Any]:
    """
    Return the body of `POST /api/orders`, which pays for what is in the cart.

    Args:
        number: of the card.
        delivery: where the order goes.
        seen: what the shopper was shown: `expected_total`, `expected_version`, `expected_prices`.
    """
    return {"delivery": dict(delivery), "card": card(number), **seen}
