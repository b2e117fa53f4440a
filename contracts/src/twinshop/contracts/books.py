"""
The stored records of a component, entry by entry, to check the shop from outside.

No part of a port: the shop itself never reads them. They are served only if fault injection is enabled, to callers with
the token, so that the invariants can be checked order by order after a run (`twinshop.lab.invariants`).
"""

from pydantic import Field

from twinshop.contracts.values import Value


class OrderEntry(Value):
    """An order as stored in the ledger; amounts in minor units."""

    id: str
    idempotency_key: str
    state: str
    closed: bool
    total: int
    lines: dict[str, int] = Field(description="Pieces by product")
    charge: str | None = Field(description="State of its charge as the ledger knows it; null: none was begun")
    charged: int = Field(description="Amount of that charge, whatever its state; 0 without one")


class TransactionEntry(Value):
    """What the acquirer has stored for a reference, which is the ID of an order."""

    reference: str
    state: str
    amount: int
    captures: int = Field(description="How often money was taken")


class PaymentBooks(Value):
    orders: tuple[OrderEntry, ...]
    transactions: tuple[TransactionEntry, ...]


class ProductEntry(Value):
    """Pieces of a product; `reserved` counts expired reservations too, until another order needs their pieces."""

    sku: str
    initial: int
    on_hand: int
    reserved: int


class ReservationEntry(Value):
    order_id: str
    state: str
    lines: dict[str, int] = Field(description="Pieces by product")


class CatalogBooks(Value):
    products: tuple[ProductEntry, ...]
    reservations: tuple[ReservationEntry, ...]
