"""Products as the shop shows them, read as columns rather than entities, because it is the hot path of the shop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.tables import CategoryRow, LineRow, ProductRow
from twinshop.contracts.catalog import Product
from twinshop.contracts.values import Money
from twinshop.kit.columns import UtcDateTime

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
_BY_SKU = _PRODUCTS.where(col(ProductRow.sku).in_(bindparam("skus", expanding=True)))
_BY_POSITION = _PRODUCTS.where(col(ProductRow.position).in_(bindparam("positions", expanding=True)))


def product(row: Row[*tuple[Any, ...]]) -> Product:
    return Product(
        sku=row.sku,
        name=row.name,
        description=row.description,
        category=row.category,
        category_name=row.category_name,
        price=Money(amount=row.price),
        available=row.available,
        picture=row.picture,
    )


async def by_sku(session: AsyncSession, skus: Sequence[str], now: datetime) -> dict[str, Product]:
    """The products that exist, by their keys."""
    rows = await (await session.connection()).execute(_BY_SKU, {"skus": list(skus), "now": now})
    return {row.sku: product(row) for row in rows}


async def by_position(session: AsyncSession, positions: Sequence[int], now: datetime) -> tuple[Product, ...]:
    """Return the products at these places of the catalogue, in the order asked for."""
    if not positions:
        return ()
    rows = await (await session.connection()).execute(_BY_POSITION, {"positions": list(positions), "now": now})
    found = {row.position: row for row in rows}
    return tuple(product(found[position]) for position in positions if position in found)
