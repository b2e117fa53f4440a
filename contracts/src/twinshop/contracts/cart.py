"""The port of the cart: what a shopper wants to buy. It has no prices: those come from the catalogue."""

from collections.abc import Sequence
from typing import Literal, Protocol

from pydantic import Field

from twinshop.contracts.values import MAX_QUANTITY, OpaqueId, Quantity, Sku, Value


class CartLine(Value):
    sku: Sku
    quantity: Quantity


class Cart(Value):
    """
    A cart. One that was never filled, or has expired, is empty at version 0.

    `version` grows by one with each change.
    """

    id: OpaqueId
    version: int = Field(ge=0)
    lines: tuple[CartLine, ...] = Field(default=(), description="In the order in which they were first added")

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)


class CartChange(Value):
    """
    One change to one line.

    `change_id` names the change: a change that arrives twice (a double click, a retried call) is made once.
    """

    sku: Sku
    quantity: int = Field(ge=0, le=MAX_QUANTITY, description="`add`: pieces to add, at least 1; `set`: 0 removes")
    mode: Literal["add", "set"]
    change_id: OpaqueId
    expected_version: int | None = Field(default=None, ge=0, description="Refuse if the cart is at another version")


class Carts(Protocol):
    async def get(self, cart_id: str) -> Cart: ...

    async def change(self, cart_id: str, change: CartChange) -> Cart:
        """
        Make one change; the cart as it is afterwards.

        Raises Invalid (a line over `MAX_QUANTITY`, more than `MAX_LINES` lines, adding 0), VersionMismatch.
        """
        ...

    async def merge(self, cart_id: str, lines: Sequence[CartLine], change_id: str) -> Cart:
        """Add several lines at once, each limited to `MAX_QUANTITY`. Idempotent by `change_id`."""
        ...

    async def subtract(self, cart_id: str, lines: Sequence[CartLine], change_id: str) -> Cart:
        """
        Remove bought pieces and keep what was added since. Idempotent by `change_id`. Missing pieces are ignored.

        Pieces that are no longer there are passed over.
        """
        ...
