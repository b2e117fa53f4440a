"""
A page of products, by a text, by filters or of everything.

A page without a text or a filter is a range of places in a list that is kept (`index`): two statements, at the same
cost for the first page and the last. A page with them lists at most the first `MAX_LISTED` products and counts no
further (`hits`).
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import col

from twinshop.catalog.hits import KEY_BEGINS, WHOLE_KEY, Hits
from twinshop.catalog.index import EVERYTHING, ORDERS, order_column, sku_key
from twinshop.catalog.products import COLUMNS, EXPIRED, by_sku, product
from twinshop.catalog.reading import understand
from twinshop.catalog.tables import CategoryRow, ListingRow, ProductRow
from twinshop.contracts.catalog import Category, Product, ProductPage, ProductQuery
from twinshop.contracts.errors import NotFound
from twinshop.kit.database import Reader

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


async def page(reader: Reader, query: ProductQuery, now: datetime) -> ProductPage:
    """One page of products, and all categories. Raises NotFound for a category that does not exist."""
    categories = await all_categories(reader)
    if query.category is not None and query.category not in {category.slug for category in categories}:
        raise NotFound("There is no such category in the shop.", category=query.category)
    if query.text:
        return await _searched(reader, query, now, categories)
    if query.filtered:
        return await Hits(reader, query, now).listed(categories)
    total = sum(category.products for category in categories if query.category in {None, category.slug})
    first = (query.page - 1) * query.size
    order = order_column(query.sort, query.language)
    items = await _listed(reader, query.category, order, first, query.size, now) if first < total else ()
    return ProductPage(items=items, total=total, page=query.page, size=query.size, categories=categories)


async def with_related(reader: Reader, sku: str, related: int, now: datetime) -> tuple[Product, ...]:
    """A product, followed by the first others in its category; empty if the product does not exist."""
    found = (await by_sku(reader, [sku], now)).get(sku)
    if found is None:
        return ()
    featured = order_column("featured", "en")
    listed = await _listed(reader, found.category, featured, 0, related + 1, now)  # it may be one of them itself
    others = [other for other in listed if other.sku != sku]
    return (found, *others[:related])


async def _listed(
    reader: Reader, category: str | None, order: str, first: int, size: int, now: datetime
) -> tuple[Product, ...]:
    parameters = {"scope": category or EVERYTHING, "first": first, "end": first + size, "now": now}
    return tuple(map(product, await reader.rows(_RANGES[order], parameters)))


async def all_categories(reader: Reader) -> tuple[Category, ...]:
    return _categories(tuple(map(tuple, await reader.rows(_CATEGORIES, {}))))


@lru_cache(maxsize=8)
def _categories(rows: tuple[tuple[Any, ...], ...]) -> tuple[Category, ...]:
    """Validated once for the same rows: they say all that the categories say."""
    return tuple(
        Category(slug=slug, name=name, description=description, picture=picture, products=products)
        for slug, name, description, picture, products in rows
    )


async def _searched(
    reader: Reader, query: ProductQuery, now: datetime, categories: tuple[Category, ...]
) -> ProductPage:
    """What the text finds, by the first of several ways to take it that finds anything."""
    hits = Hits(reader, query, now)
    key = sku_key(query.text)
    is_key = key.isascii() and any(sign.isdigit() for sign in key) and len(key) >= _MIN_SKU_PREFIX
    if is_key:
        # a number on its own is rather one of a text than the beginning of a key
        for condition in (WHOLE_KEY,) if key.isdigit() else (WHOLE_KEY, KEY_BEGINS):
            found = await hits.by_key(categories, condition, key)
            if hits.any_found:
                return found
    understood = await understand(reader, query.text, query.language)
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
