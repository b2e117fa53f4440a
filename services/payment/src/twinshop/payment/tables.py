"""The tables of the payment. They say what is kept; `store` and `acquirer` say what it means."""

from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Index, MetaData, String, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from twinshop.kit.columns import UtcDateTime

OrderState = Literal["open", "charged", "paid", "cancelled"]
ChargeState = Literal["pending", "accepted", "declined", "refunded", "voided"]
TransactionState = Literal["new", "failed", "accepted", "declined", "refunded", "voided"]

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}


class Table(SQLModel, registry=registry(metadata=MetaData(naming_convention=_NAMES))):
    """Metadata of its own, so that components can be put together and taken apart."""


class OrderRow(Table, table=True):
    """
    An order.

    What was ordered is kept as JSON, because it is only ever read as a whole; not as JSONB, which takes no NUL.
    """

    __tablename__ = "payment_order"
    __table_args__: Any = (
        Index("ix_payment_order_shopper_id_created_at", "shopper_id", "created_at"),
        Index("ix_payment_order_closed_created_at", "closed", "created_at"),
        UniqueConstraint("shopper_id", "idempotency_key"),
    )

    id: str = Field(primary_key=True, max_length=64)
    number: str = Field(unique=True, max_length=12)
    idempotency_key: str = Field(max_length=255)
    fingerprint: str = Field(max_length=64)
    shopper_id: str = Field(max_length=64)
    cart_id: str = Field(max_length=64)
    state: OrderState = Field(sa_type=String(10))
    closed: bool = False
    lines: list[dict[str, JsonValue]] = Field(sa_type=JSON)
    total: int = Field(sa_type=BigInteger)
    delivery: dict[str, JsonValue] = Field(sa_type=JSON)
    language: str = Field(max_length=2)
    card_brand: str | None = Field(default=None, max_length=20)
    card_last4: str | None = Field(default=None, max_length=4)
    failure: dict[str, JsonValue] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resume_after: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ChargeRow(Table, table=True):
    """The one charge of an order, as far as the ledger knows: `pending` until the acquirer has answered."""

    __tablename__ = "payment_charge"

    order_id: str = Field(primary_key=True, max_length=64, foreign_key="payment_order.id")
    amount: int = Field(sa_type=BigInteger)
    state: ChargeState = Field(sa_type=String(10))
    reason: str | None = Field(default=None, max_length=60)
    attempts: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class TransactionRow(Table, table=True):
    """What the test acquirer knows: the books of another company. `captures` counts how often it took the money."""

    __tablename__ = "payment_acquirer_transaction"

    reference: str = Field(primary_key=True, max_length=64)
    state: TransactionState = Field(default="new", sa_type=String(10))
    amount: int = Field(default=0, sa_type=BigInteger)
    captures: int = 0
    reason: str | None = Field(default=None, max_length=60)
    card_brand: str | None = Field(default=None, max_length=20)
    card_last4: str | None = Field(default=None, max_length=4)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
