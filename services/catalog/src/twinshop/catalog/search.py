"""
Reading products: columns rather than entities, because it is the hot path of the shop.

A page without a text or a filter is a range of places in a list that is kept (`index`): two statements, at the same
cost for the first page and the last. A page with them lists at most the first `MAX_LISTED` products and counts no
further, so that its cost does not grow with the catalogue either.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.analysis import LANGUAGES
from twinshop.catalog.index import EVERYTHING, ORDERS, order_column, sku_key
from twinshop.catalog.matching import CATEGORY, All, Either, Except, Expression, Term, category_token, fts5, tsquery
from twinshop.catalog.reading import understand
from twinshop.catalog.tables import CategoryRow, LineRow, ListingRow, ProductRow, UtcDateTime
from twinshop.contracts.catalog import MAX_LISTED, Category, Facets, Product, ProductPage, ProductQuery
from twinshop.contracts.errors import NotFound
from twinshop.contracts.values import Money

NOW = bindparam("now", type_=UtcDateTime)
_MIN_SKU_PREFIX = 2
_POSITION, _PLACE = "s.rowid", "i.place"
"""The orders of what a search finds and of a list."""
_UNIQUE = frozenset({_POSITION, _PLACE})
_WHOLE_KEY = "p.sku_key = :key"
_KEY_BEGINS = "p.sku_key >= :key AND p.sku_key < :key_end"

# The statements that all queries share are built once: rebuilding them took a fifth of a page's time.
EXPIRED = (
    select(col(LineRow.sku), func.sum(col(LineRow.quantity)).label("pieces"))
    .where(col(LineRow.held_until) <= NOW)
    .group_by(col(LineRow.sku))
    .subquery("expired")
)
"""Pieces by product that expired reservations still hold in the books; an index finds them, usually none."""

_COLUMNS: Select[*tuple[Any, ...]] = select(
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
    _COLUMNS.join_from(ProductRow, CategoryRow, col(CategoryRow.slug) == col(ProductRow.category))
    .outerjoin(EXPIRED, EXPIRED.c.sku == col(ProductRow.sku))
    .where(col(ProductRow.listed))
)
_BY_SKU = _PRODUCTS.where(col(ProductRow.sku).in_(bindparam("skus", expanding=True)))


def _range(order: str) -> Select[*tuple[Any, ...]]:
    """A range of places of one of the lists."""
    position = ListingRow.__table__.c[order]  # type: ignore[attr-defined] # of every table's class
    return (
        _COLUMNS.join_from(ListingRow, ProductRow, col(ProductRow.position) == position)
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
_AVAILABLE = (
    "p.on_hand - p.reserved + coalesce((SELECT sum(quantity) FROM catalog_reservation_line AS l"
    " WHERE l.sku = p.sku AND l.held_until <= :now), 0)"
)


def _product(row: Row[*tuple[Any, ...]]) -> Product:
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


async def page(session: AsyncSession, query: ProductQuery, now: datetime) -> ProductPage:
    """One page of products, and all categories. Raises NotFound for a category that does not exist."""
    categories = await all_categories(session)
    if query.category is not None and query.category not in {category.slug for category in categories}:
        raise NotFound("There is no such category in the shop.", category=query.category)
    if query.text:
        return await _searched(session, query, now, categories)
    if query.filtered:
        return await _Hits(session, query, now).listed(categories)
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
    items = tuple(map(_product, rows))
    return ProductPage(items=items, total=total, page=query.page, size=query.size, categories=categories)


async def all_categories(session: AsyncSession) -> tuple[Category, ...]:
    rows = await (await session.connection()).execute(_CATEGORIES)
    return tuple(
        Category(slug=row.slug, name=row.name, description=row.description, picture=row.picture, products=row.products)
        for row in rows
    )


async def by_sku(session: AsyncSession, skus: Sequence[str], now: datetime) -> dict[str, Product]:
    """The products that exist, by their keys."""
    rows = await (await session.connection()).execute(_BY_SKU, {"skus": list(skus), "now": now})
    return {row.sku: _product(row) for row in rows}


async def _searched(
    session: AsyncSession, query: ProductQuery, now: datetime, categories: tuple[Category, ...]
) -> ProductPage:
    """What the text finds, by the first of several ways to take it that finds anything."""
    hits = _Hits(session, query, now)
    key = sku_key(query.text)
    is_key = key.isascii() and any(sign.isdigit() for sign in key) and len(key) >= _MIN_SKU_PREFIX
    if is_key:
        # a number on its own is rather one of a text than the beginning of a key
        for condition in (_WHOLE_KEY,) if key.isdigit() else (_WHOLE_KEY, _KEY_BEGINS):
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
        return await hits.by_key(categories, _KEY_BEGINS, key)
    return hits.nothing(categories)


class _Hits:
    """The products that a query finds in one way, as a page."""

    def __init__(self, session: AsyncSession, query: ProductQuery, now: datetime) -> None:
        self.any_found = False
        """Whether the last way found anything, in whichever category."""
        self._session = session
        self._query = query
        self._sqlite = session.get_bind().dialect.name == "sqlite"
        self._written = fts5 if self._sqlite else tsquery
        self._parameters: dict[str, Any] = {"now": now}
        self._conditions = ["p.listed"]
        if query.min_price is not None:
            self._conditions.append("p.price >= :min_price")
            self._parameters["min_price"] = query.min_price
        if query.max_price is not None:
            self._conditions.append("p.price <= :max_price")
            self._parameters["max_price"] = query.max_price
        if query.in_stock:
            self._conditions.append(f"{_AVAILABLE} > 0")

    async def by_text(self, categories: tuple[Category, ...], tiers: Sequence[Expression]) -> ProductPage:
        """Products that the search engine finds: those of earlier tiers first, then in the order of the catalogue."""
        parameters: dict[str, Any] = {}
        last = self._found(tiers[-1], "any", parameters)
        facets = await self._facets(last, parameters)
        wanted = [self._in_category(tier) for tier in tiers]
        chosen = self._found(wanted[-1], "chosen", parameters)
        if self._query.sort != "featured":
            parts = [chosen]
        else:
            parts = [
                self._found(tier if place == 0 else Except(tier, wanted[place - 1]), f"t{place}", parameters)
                for place, tier in enumerate(wanted)
            ]
        return await self._page(categories, facets, chosen, parts, parameters)

    async def by_key(self, categories: tuple[Category, ...], condition: str, key: str) -> ProductPage:
        """Products whose keys are so."""
        parameters = {"key": key, "key_end": key + "\U0010ffff"}
        source = f"SELECT p.position AS position FROM catalog_product AS p WHERE {condition} AND {{conditions}}"  # noqa: S608
        facets = await self._facets(source, parameters)
        chosen = f"{source}{self._category()}"
        return await self._page(categories, facets, chosen, [chosen], parameters, "p.sku_key")

    async def listed(self, categories: tuple[Category, ...]) -> ProductPage:
        """All products, or those of a category, that pass the filters."""
        parameters = {"scope": self._query.category or EVERYTHING}
        order = order_column(self._query.sort, self._query.language)
        source = (
            "SELECT p.position AS position, i.place AS place FROM catalog_listing AS i"  # noqa: S608
            f" JOIN catalog_product AS p ON p.position = i.{order} WHERE i.scope = :scope AND {{conditions}}"
        )
        facets = await self._facets(source, parameters)
        return await self._page(categories, facets, source, [source], parameters, _PLACE)

    async def rarest_first(self, words: Sequence[tuple[Expression | None, Expression]]) -> tuple[Expression, ...]:
        """Tiers for products that have any of the words: those that few products have say most."""
        parameters: dict[str, Any] = {}
        counts = (
            f"SELECT {place} AS place, count(*) AS found FROM (SELECT * FROM"  # noqa: S608
            f" ({self._filtered(self._found(found, f'w{place}', parameters))}) AS every LIMIT {MAX_LISTED}) AS hit"
            for place, (_, found) in enumerate(words)
        )
        rows = await self._rows(" UNION ALL ".join(counts), parameters) if words else ()
        tiers: list[Expression] = []
        for row in sorted((row for row in rows if row.found), key=lambda row: (row.found, row.place)):
            for expression in words[row.place]:
                if expression is not None:
                    tiers.append(Either((tiers[-1], expression)) if tiers else expression)
        return tuple(tiers)

    def nothing(self, categories: tuple[Category, ...]) -> ProductPage:
        query = self._query
        return ProductPage(
            items=(), total=0, page=query.page, size=query.size, categories=categories, facets=Facets(), partial=False
        )

    def _in_category(self, expression: Expression) -> Expression:
        if self._query.category is None:
            return expression
        return All((expression, Term((category_token(self._query.category),), CATEGORY)))

    def _category(self) -> str:
        if self._query.category is None:
            return ""
        self._parameters["category"] = self._query.category
        return " AND p.category = :category"

    def _found(self, expression: Expression, name: str, parameters: dict[str, Any]) -> str:
        parameters[name] = self._written(expression)
        matches = f"catalog_search MATCH :{name}" if self._sqlite else f"s.words @@ CAST(:{name} AS tsquery)"
        join = (
            "CROSS JOIN catalog_product AS p" if self._sqlite else "JOIN catalog_product AS p ON p.position = s.rowid"
        )
        on = "p.position = s.rowid AND " if self._sqlite else ""
        return f"SELECT s.rowid AS position FROM catalog_search AS s {join} WHERE {matches} AND {on}{{conditions}}"  # noqa: S608

    async def _facets(self, source: str, parameters: Mapping[str, Any]) -> Facets:
        """How many products are found in each category, and their prices: of the first that are found."""
        statement = (
            "SELECT p.category AS category, count(*) AS found, min(p.price) AS lowest, max(p.price) AS highest"  # noqa: S608
            f" FROM (SELECT position FROM ({self._filtered(source)}) AS every LIMIT {MAX_LISTED + 1}) AS hit"
            " JOIN catalog_product AS p ON p.position = hit.position AND p.listed GROUP BY p.category"
        )
        rows = await self._rows(statement, parameters)
        return Facets(
            categories={row.category: row.found for row in rows},
            lowest=min((row.lowest for row in rows), default=None),
            highest=max((row.highest for row in rows), default=None),
        )

    async def _page(
        self,
        categories: tuple[Category, ...],
        facets: Facets,
        chosen: str,
        parts: Sequence[str],
        parameters: dict[str, Any],
        featured: str = _POSITION,
    ) -> ProductPage:
        query = self._query
        total = sum(facets.categories.values())
        self.any_found = total > 0
        more = total > MAX_LISTED
        if query.category is not None:
            if more:
                total = sum((await self._facets(chosen, parameters)).categories.values())
            else:
                total = facets.categories.get(query.category, 0)
            more = total > MAX_LISTED
        total = min(total, MAX_LISTED)
        first = (query.page - 1) * query.size
        items: tuple[Product, ...] = ()
        if first < total:
            end = min(first + query.size, MAX_LISTED)
            rows = await self._rows(
                self._window(parts, featured), {**parameters, "end": end, "first": first, "size": end - first}
            )
            items = tuple(map(_product, rows))
        return ProductPage(
            items=items, total=total, more=more, page=query.page, size=query.size, categories=categories, facets=facets
        )

    def _window(self, parts: Sequence[str], featured: str) -> str:
        sort = "featured" if featured == _PLACE else self._query.sort  # the list is in the order that is asked for
        order = {"featured": featured, "price": "p.price", "-price": "-p.price", "name": self._name()}[sort]
        # Without a second column SQLite reads in this order and stops at the limit instead of sorting everything.
        by = order if order in _UNIQUE else f"{order}, p.sku"
        sorted_parts = (
            f"SELECT * FROM ({self._filtered(part)} ORDER BY {by} LIMIT :end) AS t{tier}".replace(  # noqa: S608
                "AS position", f"AS position, {tier} AS tier, {order} AS sorted, p.sku AS sku", 1
            )
            for tier, part in enumerate(parts)
        )
        return (
            "SELECT p.sku AS sku, p.name AS name, p.description AS description, p.category AS category,"  # noqa: S608
            f" c.name AS category_name, p.price AS price, {_AVAILABLE} AS available, p.picture AS picture"
            f" FROM (SELECT * FROM ({' UNION ALL '.join(sorted_parts)}) AS hit"
            " ORDER BY tier, sorted, sku LIMIT :size OFFSET :first) AS found"
            " JOIN catalog_product AS p ON p.sku = found.sku JOIN catalog_category AS c ON c.slug = p.category"
            " ORDER BY found.tier, found.sorted, found.sku"
        )

    def _name(self) -> str:
        language = self._query.language
        return f"p.name_{language}" if language in LANGUAGES else "p.name_en"

    def _filtered(self, source: str) -> str:
        return source.replace("{conditions}", " AND ".join(self._conditions))

    async def _rows(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        connection = await self._session.connection()
        prepared = text(statement)
        known = {**self._parameters, **parameters}
        used = {name: value for name, value in known.items() if re.search(rf":{name}\b", statement)}
        if "now" in used:
            prepared = prepared.bindparams(NOW)
        return (await connection.execute(prepared, used)).all()
