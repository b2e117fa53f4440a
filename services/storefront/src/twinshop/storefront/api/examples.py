"""What the operations are filled in with at `/docs`: sent as they stand, each succeeds; a test sends them all."""

from collections.abc import Mapping
from typing import Any

Examples = Mapping[str, Any]


def example(summary: str, value: object) -> dict[str, Any]:
    """One entry of OpenAPI's `examples`."""
    return {summary: {"summary": summary, "value": value}}


PRODUCT = example("Cast-iron frying pan", "KIT-001")
OTHER_PRODUCT = example("Leafy plant in terracotta", "GAR-001")
ADDITION = example("one piece", {"sku": "KIT-001", "quantity": 1})
QUANTITY = example("two pieces", {"quantity": 2})
TEXTS = example("into Spanish", {"texts": ["Kitchen", "Red electric guitar"], "target": "es"})
ORDER = example("the last one", "latest")

_DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1G 9PF",
    "city": "London",
    "country": "GB",
}
_CARD = {"number": "4242 4242 4242 4242", "expiry_month": 12, "expiry_year": 2090, "code": "123"}
CHECKOUT = {
    **example("a card that is accepted", {"delivery": _DELIVERY, "card": _CARD}),
    **example("a card that is declined", {"delivery": _DELIVERY, "card": {**_CARD, "number": "4000 0000 0000 0002"}}),
}
