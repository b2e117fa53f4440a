"""
The catalogue's tables.

They have a registry, and so a metadata, of their own: components that share a process or a database do not meet here.
`migrations` creates them; a test compares the two.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.kit.columns import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

SORTABLE = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by code point everywhere: PostgreSQL would use its locale, and pages would differ from SQLite's."""


class CatalogTable(SQLModel, registry=registry()):
    """The base of all tables of the catalogue."""


class SeedRow(CatalogTable, table=True):
    """One row: the digest of what the products and their index were last made from."""

    __tablename__ = "catalog_seed"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str


class CategoryRow(CatalogTable, table=True):
    """A category; `products` is how many listed products it holds, counted when they change."""

    __tablename__ = "catalog_category"

    slug: str = Field(primary_key=True)
    position: int
    name: str
    description: str
    picture: str
    listed: bool = True
    products: int = 0


class ProductRow(CatalogTable, table=True):
    """
    A product and its stock.

    `reserved` is the sum of the lines that hold pieces of it, expired ones included; `on_hand` counts those, too.
    `initial` never changes: the audit measures against it. One that is not `listed` left the shop when another
    catalogue was imported: orders still refer to it, and its position is -1. `sku_key` is the key without case and
    punctuation. Only the version before reads the `name_*`.
    """

    __tablename__ = "catalog_product"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="catalog_product_reserved_not_negative"),
        CheckConstraint("reserved <= on_hand", name="catalog_product_reserved_on_hand"),
        CheckConstraint("price >= 0", name="catalog_product_price_not_negative"),
        Index("catalog_product_position", "position"),
        Index("catalog_product_key_position", "sku_key", "position"),
    )

    sku: str = Field(primary_key=True)
    position: int
    listed: bool = True
    sku_key: str = Field(sa_type=SORTABLE)
    category: str = Field(foreign_key="catalog_category.slug", index=True)
    name: str
    description: str
    picture: str
    price: int = Field(sa_type=BigInteger)
    initial: int
    on_hand: int
    reserved: int = 0
    name_en: int = 0
    name_es: int = 0
    name_ca: int = 0
    name_fr: int = 0
    name_de: int = 0


class ListingRow(CatalogTable, table=True):
    """
    The products at one place of the lists that people page through: one list for each of the orders.

    A list is of all products (the empty `scope`) or of a category, and counts its places from 0 without gaps. So page N
    is a range of places, and costs the same however many pages there are before it. Each order holds the position of
    the product that it has at this place.
    """

    __tablename__ = "catalog_place"
    __table_args__ = {"sqlite_with_rowid": False}

    scope: str = Field(primary_key=True, sa_type=SORTABLE)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    featured: int
    price: int
    price_down: int
    name_en: int
    name_es: int
    name_ca: int
    name_fr: int
    name_de: int


class FacetRow(CatalogTable, table=True):
    """
    What a search counts and sorts of each listed product, and its places in the orders.

    A copy of columns, because reading whole products took twice as long.
    """

    __tablename__ = "catalog_facet"

    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    category: str
    price: int = Field(sa_type=BigInteger)
    price_place: int
    name_en_place: int
    name_es_place: int
    name_ca_place: int
    name_fr_place: int
    name_de_place: int


class PriceRow(CatalogTable, table=True):
    """The lowest price of each bucket of the order by price (`ranks`); buckets without products have no row."""

    __tablename__ = "catalog_price"

    bucket: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    lowest: int = Field(sa_type=BigInteger)


class WordRow(CatalogTable, table=True):
    """A word of the products' texts by one of the keys that searches find it by (`vocabulary`)."""

    __tablename__ = "catalog_word"
    __table_args__ = {"sqlite_with_rowid": False}

    language: str = Field(primary_key=True, sa_type=SORTABLE)
    kind: str = Field(primary_key=True, sa_type=SORTABLE)
    key: str = Field(primary_key=True, sa_type=SORTABLE)
    word: str = Field(primary_key=True, sa_type=SORTABLE)


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

    `held_until` is null when the line holds nothing: committed, released, or expired and given back. A process that
    changes it has locked the product, so the line needs no lock.
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
