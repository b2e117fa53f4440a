"""Products as the shop shows them, read as columns rather than entities, because it is the hot path of the shop."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import col

from twinshop.catalog.tables import CategoryRow, LineRow, ProductRow
from twinshop.contracts.catalog import Product
from twinshop.contracts.values import Money
from twinshop.kit.columns import UtcDateTime
from twinshop.kit.database import Reader

NOW = bindparam("now", type_=UtcDateTime)

# The statements that all queries share are built once: rebuilding them took a fifth of a page's time.
EXPIRED = (
    select(col(LineRow.sku), func.sum(col(LineRow.quantity)).label("pieces"))
    .where(col(LineRow.held_until) <= NOW)
    .group_by(col(LineRow.sku))
    .subquery("expired")
)
"""Pieces by product that expired reservations still hold in the books; an index finds them, usually none."""

COLUMNS: Select[*tuple[Any, ...]] = select(
    col(ProductRow.sku),
    col(ProductRow.name),
    col(ProductRow.description),
    col(ProductRow.category),
    col(CategoryRow.name).label("category_name"),
    col(ProductRow.price),
    (col(ProductRow.on_hand) - col(ProductRow.reserved) + func.coalesce(EXPIRED.c.pieces, 0)).label("available"),
    col(ProductRow.picture),
    col(ProductRow.position),
)
"""
Products as the shop shows them.

What an expired reservation holds counts as available: the next order gets it, and if it were shown as sold
out, there would be none.
"""
_PRODUCTS = (
    COLUMNS.join_from(ProductRow, CategoryRow, col(CategoryRow.slug) == col(ProductRow.category))
    .outerjoin(EXPIRED, EXPIRED.c.sku == col(ProductRow.sku))
    .where(col(ProductRow.listed))
)
_POSITION_COLUMN = len(COLUMNS.selected_columns) - 1
KEPT_PRODUCTS = 4096


_BY_SKU = _PRODUCTS.where(col(ProductRow.sku).in_(bindparam("among", expanding=True)))
_BY_POSITION = _PRODUCTS.where(col(ProductRow.position).in_(bindparam("among", expanding=True)))


def product(row: Sequence[Any]) -> Product:
    """The product in a row of these columns."""
    return _product(*row[:_POSITION_COLUMN])


@lru_cache(KEPT_PRODUCTS)
def _product(
    sku: str, name: str, description: str, category: str, category_name: str, price: int, available: int, picture: str
) -> Product:
    """Validated once for the same row: it says all that the product says, its stock and price too."""
    return Product(
        sku=sku,
        name=name,
        description=description,
        category=category,
        category_name=category_name,
        price=Money(amount=price),
        available=available,
        picture=picture,
    )


async def by_sku(reader: Reader, skus: Sequence[str], now: datetime) -> dict[str, Product]:
    """The products that exist, by their keys."""
    return {row.sku: product(row) for row in await reader.rows(_BY_SKU, {"among": skus, "now": now})}


async def by_position(reader: Reader, positions: Sequence[int], now: datetime) -> tuple[Product, ...]:
    """Return the products at these places of the catalogue, in the order asked for."""
    if not positions:
        return ()
    found = {row.position: row for row in await reader.rows(_BY_POSITION, {"among": positions, "now": now})}
    return tuple(product(found[position]) for position in positions if position in found)
