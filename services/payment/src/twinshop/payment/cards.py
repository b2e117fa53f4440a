"""The test cards, the only ones that can be charged here, and what may be known of a card afterwards."""

from collections.abc import Mapping
from typing import Literal

from twinshop.contracts.payment import Card, CardSummary

Behaviour = Literal["accepted", "slow", "fails_once", "card_declined", "insufficient_funds", "test_mode"]

TEST_CARDS: Mapping[str, Behaviour] = {
    "4242424242424242": "accepted",
    "5555555555554444": "accepted",
    "378282246310005": "accepted",
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000000000000341": "slow",
    "4000000000000119": "fails_once",
}
"""Numbers that the payment industry has set aside for tests."""

MASTERCARD = (range(51, 56), range(2221, 2721))
"""The first two or four digits of a Mastercard."""


def behaviour(card: Card) -> Behaviour:
    """What the test acquirer does with a card."""
    return TEST_CARDS.get(card.digits, "test_mode")


def summary(card: Card) -> CardSummary:
    """As much of a card as may be stored and shown."""
    digits = card.digits
    return CardSummary(brand=_brand(digits), last4=digits[-4:])


def _brand(digits: str) -> Literal["Visa", "Mastercard", "American Express", "Card"]:
    if digits.startswith("4"):
        return "Visa"
    if digits.startswith(("34", "37")):
        return "American Express"
    if any(int(digits[: len(str(first.start))]) in first for first in MASTERCARD):
        return "Mastercard"
    return "Card"
