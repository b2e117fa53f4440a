"""
The texts that the storefront's Python code says, in English.

Those in the templates stand there. A test compares both with the catalogues of the
interface, so that no language misses one.
"""

from collections.abc import Mapping

from twinshop.contracts import text

TRANSLATION_DOWN = "Translations are not available right now, so you see the original texts."
NOT_TRANSLATED = "Some texts have no translation yet, so you see them in the original language."
FORGED = "We could not read this browser's shop cookie, so you start with an empty cart."
ADDED = "Added to your cart."
CART_CHANGED = "Your cart has been updated."
NOT_CHANGED = "Your cart was changed in another window. This is how it looks now."
TEMPORARY = "This part of the shop is not available right now. Please try again in a moment."

NOT_UNDERSTOOD = "The address or the form holds something that the shop does not understand."
TOO_LARGE = "Please send less at once."
UNKNOWN_LANGUAGE = "The shop does not speak this language."

DOWN: Mapping[str, str] = {
    "catalog": "The catalogue is not available right now. Your cart and your orders are still here.",
    "cart": "Your cart is not available right now. You can go on browsing.",
    "payment": "Payments are not available right now. You can go on browsing, and your cart is kept.",
    "translate": TRANSLATION_DOWN,
}


def down(component: str) -> str:
    """Return what pages say while a component is down."""
    return DOWN.get(component, TEMPORARY)


ACQUIRER_SILENT = "The card company does not answer. Please try again: the order is charged once at most."

EMPTY_CART = "Your cart is empty."
GONE = "This product is no longer in the shop."
SOLD_OUT = "Sold out."
LESS_LEFT = "There are fewer pieces left than you have in your cart."
NOT_THERE = "We do not send anything to this country."
COMPLETING = (
    "Your card was charged, and we are still working on your order. You will find it among your orders; "
    "do not pay again."
)
ALREADY_PAID = "What was in your cart is paid already."
CHANGED_SINCE = "Your cart has changed since you saw it. Please look at it again before you pay."
PRICES_CHANGED = "A price has changed since you saw it. Please look at it again before you pay."
PRICE_CHANGED = "The total has changed since you saw it. Please look at it again before you pay."

FIELD: Mapping[str, str] = {
    "name": "Enter your name.",
    "email": "Enter an e-mail address, such as name@example.com.",
    "street": "Enter the street and house number.",
    "postcode": "Enter the postcode.",
    "city": "Enter the town or city.",
    "country": "Choose a country.",
    "card_number": "Enter the card number.",
    "expiry": "Enter the expiry date as MM/YY.",
    "code": "Enter the security code.",
}

UNPRINTABLE = "Check this and send it again: characters that cannot be printed have been left out."
"""Of a field that held such: it is shown without them."""


def told_of(field: str, kind: str) -> str:
    """What the form says of a field; `kind` is the type of the validation error."""
    return UNPRINTABLE if kind == text.UNPRINTABLE else FIELD[field]


CARD: tuple[str, ...] = (
    "The card number must have 12 to 19 digits.",
    "The card number is mistyped.",
    "The card has expired.",
    "The security code must have 3 digits.",
    "The security code must have 4 digits.",
)
"""What `Card.faults` says."""

COUNTRIES: Mapping[str, str] = {
    "AD": "Andorra",
    "AT": "Austria",
    "BE": "Belgium",
    "CH": "Switzerland",
    "DE": "Germany",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "IT": "Italy",
    "LU": "Luxembourg",
    "NL": "Netherlands",
    "PT": "Portugal",
}

OTHER_CARD = "Check the details, or pay with another card. Your cart is kept."
ADVICE: Mapping[str, str] = {
    "insufficient_funds": "Please pay with another card. Your cart is kept.",
    "test_mode": "Choose one of the test cards above. Your cart is kept.",
}
"""By the acquirer's reason: what to do about a card that was declined; `OTHER_CARD` where it is not listed."""

MONEY: Mapping[str, str] = {
    "not-charged": "Your card was not charged.",
    "unknown": "We are checking with the card company whether your card was charged. Unless this order is completed, "
    "you get the money back.",
    "charged": "Your card was charged {total}.",
    "refunding": "Your card was charged {total}. You are getting the money back.",
    "refunded": "Your card was charged {total}. The money was refunded on {date}.",
}
"""By the state of `OrderPayment`."""
MONEY_IN_SHORT: Mapping[str, str] = {
    "not-charged": "Not charged",
    "unknown": "Being checked",
    "charged": "Charged",
    "refunding": "Being refunded",
    "refunded": "Refunded",
}

TEST_CARDS: Mapping[str, str] = {
    "4242 4242 4242 4242": "Visa, accepted",
    "5555 5555 5555 4444": "Mastercard, accepted",
    "3782 822463 10005": "American Express, accepted (four-digit code)",
    "4000 0000 0000 0002": "Declined",
    "4000 0000 0000 9995": "Declined: insufficient funds",
    "4000 0000 0000 0341": "Slow, then accepted",
    "4000 0000 0000 0119": "Fails once, accepted when you try again",
}


def all_messages() -> tuple[str, ...]:
    """Everything above that a shopper may read."""
    single = (TRANSLATION_DOWN, NOT_TRANSLATED, FORGED, ADDED, CART_CHANGED, NOT_CHANGED, TEMPORARY)
    refused = (UNPRINTABLE, NOT_UNDERSTOOD, TOO_LARGE, UNKNOWN_LANGUAGE)
    basket = (
        ACQUIRER_SILENT,
        EMPTY_CART,
        GONE,
        SOLD_OUT,
        LESS_LEFT,
        NOT_THERE,
        COMPLETING,
        ALREADY_PAID,
        CHANGED_SINCE,
    )
    prices = (PRICES_CHANGED, PRICE_CHANGED)
    money = (OTHER_CARD, *ADVICE.values(), *MONEY.values(), *MONEY_IN_SHORT.values())
    tables = (*DOWN.values(), *FIELD.values(), *COUNTRIES.values(), *TEST_CARDS.values())
    return (*single, *refused, *basket, *prices, *money, *CARD, *tables)
