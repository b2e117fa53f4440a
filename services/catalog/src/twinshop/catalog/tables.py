"""
The catalogue's tables.

They have a registry, and so a metadata, of their own: components that share a process or a database do not meet here.
`migrations` creates them; a test compares the two.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Dialect, Index, String
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

SORTABLE = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by code point everywhere: PostgreSQL would use its locale, and pages would differ from SQLite's."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment; SQLite, which knows no time zones, stores it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CatalogTable(SQLModel, registry=registry()):
    """The base of all tables of the catalogue."""


class SeedRow(CatalogTable, table=True):
    """One row: the digest of the data file that the products were last taken from."""

    __tablename__ = "catalog_seed"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str


class CategoryRow(CatalogTable, table=True):
    __tablename__ = "catalog_category"

    slug: str = Field(primary_key=True)
    position: int
    name: str
    description: str
    picture: str


class ProductRow(CatalogTable, table=True):
    """
    A product and its stock.

    `reserved` is the sum of the lines that hold pieces of it, expired ones included; `on_hand` counts those, too.
    `initial` never changes: the audit measures against it. `folded_*` are what searches read, and are derived.
    """

    __tablename__ = "catalog_product"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="catalog_product_reserved_not_negative"),
        CheckConstraint("reserved <= on_hand", name="catalog_product_reserved_on_hand"),
        CheckConstraint("price >= 0", name="catalog_product_price_not_negative"),
    )

    sku: str = Field(primary_key=True)
    position: int
    category: str = Field(foreign_key="catalog_category.slug", index=True)
    name: str
    description: str
    picture: str
    price: int = Field(sa_type=BigInteger)
    initial: int
    on_hand: int
    reserved: int = 0
    folded_name: str = Field(sa_type=SORTABLE)
    folded_text: str


class ReservationRow(CatalogTable, table=True):
    """An order's claim on stock; a released one without lines is the tombstone of an order that never reserved."""

    __tablename__ = "catalog_reservation"
    __table_args__ = (
        CheckConstraint("state IN ('reserved', 'committed', 'released')", name="catalog_reservation_state_known"),
    )

    order_id: str = Field(primary_key=True)
    state: str
    expires_at: datetime = Field(sa_type=UtcDateTime)


class LineRow(CatalogTable, table=True):
    """
    One product of a reservation.

    `held_until` is null when the line holds nothing: committed, released, or expired and given back. Whoever changes
    it has locked the product, so it needs no lock itself.
    """

    __tablename__ = "catalog_reservation_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="catalog_reservation_line_quantity_positive"),
        Index("catalog_reservation_line_held_until", "held_until"),
    )

    order_id: str = Field(primary_key=True, foreign_key="catalog_reservation.order_id")
    sku: str = Field(primary_key=True, foreign_key="catalog_product.sku")
    position: int
    quantity: int
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


def insert_into(session: AsyncSession, table: type[CatalogTable]) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows ON CONFLICT: each dialect has its own, with the same methods."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 0.08 s that a start on SQLite need not pay

    return postgresql.insert(table)
