"""
A page of products, by a text, by filters or of everything.

A page without a text or a filter is a range of places in a list that is kept (`index`): two statements, at the same
cost for the first page and the last. A page with them lists at most the first `MAX_LISTED` products and counts no
further (`hits`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.hits import KEY_BEGINS, WHOLE_KEY, Hits
from twinshop.catalog.index import EVERYTHING, ORDERS, order_column, sku_key
from twinshop.catalog.products import COLUMNS, EXPIRED, product
from twinshop.catalog.reading import understand
from twinshop.catalog.tables import CategoryRow, ListingRow, ProductRow
from twinshop.contracts.catalog import Category, ProductPage, ProductQuery
from twinshop.contracts.errors import NotFound

_MIN_SKU_PREFIX = 2


def _range(order: str) -> Select[*tuple[Any, ...]]:
    """A range of places of one of the lists."""
    position = ListingRow.__table__.c[order]  # type: ignore[attr-defined] # of every table's class
    return (
        COLUMNS.join_from(ListingRow, ProductRow, col(ProductRow.position) == position)
        .join(CategoryRow, col(CategoryRow.slug) == col(ProductRow.category))
        .outerjoin(EXPIRED, EXPIRED.c.sku == col(ProductRow.sku))
        .where(
            col(ListingRow.scope) == bindparam("scope"),
            col(ListingRow.place) >= bindparam("first"),
            col(ListingRow.place) < bindparam("end"),
            col(ProductRow.listed),
        )
        .order_by(col(ListingRow.place))
    )


_RANGES = {order: _range(order) for order in ORDERS}
_CATEGORIES = (
    select(
        col(CategoryRow.slug),
        col(CategoryRow.name),
        col(CategoryRow.description),
        col(CategoryRow.picture),
        col(CategoryRow.products),
    )
    .where(col(CategoryRow.listed))
    .order_by(col(CategoryRow.position), col(CategoryRow.slug))
)


async def page(session: AsyncSession, query: ProductQuery, now: datetime) -> ProductPage:
    """One page of products, and all categories. Raises NotFound for a category that does not exist."""
    categories = await all_categories(session)
    if query.category is not None and query.category not in {category.slug for category in categories}:
        raise NotFound("There is no such category in the shop.", category=query.category)
    if query.text:
        return await _searched(session, query, now, categories)
    if query.filtered:
        return await Hits(session, query, now).listed(categories)
    total = sum(category.products for category in categories if query.category in {None, category.slug})
    first = (query.page - 1) * query.size
    parameters = {
        "scope": query.category or EVERYTHING,
        "first": first,
        "end": first + query.size,
        "now": now,
    }
    statement = _RANGES[order_column(query.sort, query.language)]
    rows = (await (await session.connection()).execute(statement, parameters)).all() if first < total else ()
    items = tuple(map(product, rows))
    return ProductPage(items=items, total=total, page=query.page, size=query.size, categories=categories)


async def all_categories(session: AsyncSession) -> tuple[Category, ...]:
    rows = await (await session.connection()).execute(_CATEGORIES)
    return tuple(
        Category(slug=row.slug, name=row.name, description=row.description, picture=row.picture, products=row.products)
        for row in rows
    )


async def _searched(
    session: AsyncSession, query: ProductQuery, now: datetime, categories: tuple[Category, ...]
) -> ProductPage:
    """What the text finds, by the first of several ways to take it that finds anything."""
    hits = Hits(session, query, now)
    key = sku_key(query.text)
    is_key = key.isascii() and any(sign.isdigit() for sign in key) and len(key) >= _MIN_SKU_PREFIX
    if is_key:
        # a number on its own is rather one of a text than the beginning of a key
        for condition in (WHOLE_KEY,) if key.isdigit() else (WHOLE_KEY, KEY_BEGINS):
            found = await hits.by_key(categories, condition, key)
            if hits.any_found:
                return found
    understood = await understand(session, query.text, query.language)
    said = {"corrected": understood.corrected, "missing": understood.missing}
    ways = [understood.tiers, understood.weaker, *((tier,) for tier in understood.partial)]
    for place, tiers in enumerate(ways):
        if not tiers:
            continue
        found = await hits.by_text(categories, tiers)
        if hits.any_found:
            partial = place >= len(ways) - len(understood.partial) or bool(understood.missing)
            return found.model_copy(update={**said, "partial": partial})
    if tiers := await hits.rarest_first(understood.single):
        found = await hits.by_text(categories, tiers)
        return found.model_copy(update={**said, "partial": True})
    if is_key:
        return await hits.by_key(categories, KEY_BEGINS, key)
    return hits.nothing(categories)
