"""Values that every port uses: the frozen base model, money, identifiers."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Value(BaseModel):
    """An immutable value: safe to share within a process, compared by content, strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


SKU_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
Sku = Annotated[str, StringConstraints(pattern=f"^{SKU_PATTERN}$")]
"""Stock-keeping unit, such as `KIT-001`, limited to what URLs and forms can carry unchanged."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
OpaqueId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
"""An unguessable identifier of a cart, an order, a shopper or a change."""
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""ISO 639-1 code."""

MAX_QUANTITY = 99
"""Maximum pieces of one product in a cart or an order."""
MAX_LINES = 50
"""Maximum number of different products in a cart or an order."""
Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
MAX_WORDS = 20
"""The most words of a search."""

MAX_AMOUNT = 10**12
"""The largest amount of money, in minor units: below 2^53, so that JSON readers keep it exact."""


class Money(Value):
    """An amount in minor units (cents): never a float, so that sums are exact."""

    amount: int = Field(ge=0, le=MAX_AMOUNT)
    currency: Literal["EUR"] = "EUR"

    def __add__(self, other: Self) -> "Money":
        return Money(amount=self.amount + other.amount)

    def __mul__(self, factor: int) -> "Money":
        return Money(amount=self.amount * factor)


ZERO = Money(amount=0)
