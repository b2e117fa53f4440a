"""
What a search or a filter finds: at most the first `MAX_LISTED` products, and no count beyond them.

One statement takes the best products from the search engine, tier by tier, and stops when there are enough; it counts
them by category. Another reads the products of the page. Filters and sorts are words of the search engine too
(`ranks`), so neither reads products that it does not list.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, text

from twinshop.catalog import products, ranks
from twinshop.catalog.index import EVERYTHING, order_column, place_column
from twinshop.catalog.matching import CATEGORY, All, Either, Except, Expression, Term, category_token, fts5, tsquery
from twinshop.contracts.catalog import MAX_LISTED, Category, Facets, ProductPage, ProductQuery
from twinshop.kit.database import Reader

WHOLE_KEY = "p.sku_key = :key"
KEY_BEGINS = "p.sku_key >= :key AND p.sku_key < :key_end"

_IN_STOCK = (
    # Nearly always the first part decides, which needs no look at the reservations.
    "(p.on_hand > p.reserved OR p.on_hand - p.reserved + coalesce((SELECT sum(quantity)"
    " FROM catalog_reservation_line AS l WHERE l.sku = p.sku AND l.held_until <= :now), 0) > 0)"
)
_TIER = 2**32
"""What the number of a tier counts in the place of a hit: hits are sorted by tier, then by position."""
_MOST = MAX_LISTED + 1
_MARGIN = 1.5
"""How many more products than the page needs are expected in the first buckets of a sort."""

_Source = tuple[str, Mapping[str, Any]]
"""A statement and its parameters."""
_Group = Any
"""What is found in a category: `category`, `found`, `lowest`, `highest`, and `places`, parted by commas."""


class Hits:
    """The products that a query finds in one way, as a page."""

    def __init__(self, reader: Reader, query: ProductQuery, now: datetime) -> None:
        self.any_found = False
        """Whether the last way found anything, in whichever category."""
        self._reader = reader
        self._query = query
        self._now = now
        self._sqlite = reader.is_sqlite
        self._written = fts5 if self._sqlite else tsquery
        self._prices: list[str] = []
        """Conditions on the price, as SQL that names its column."""
        self._parameters: dict[str, Any] = {}
        self._price_buckets: tuple[int, int] | None = None
        if query.min_price is not None:
            self._prices.append("{0}.price >= :min_price")
            self._parameters["min_price"] = query.min_price
        if query.max_price is not None:
            self._prices.append("{0}.price <= :max_price")
            self._parameters["max_price"] = query.max_price
        if query.in_stock:
            self._parameters["now"] = now

    async def by_text(self, categories: tuple[Category, ...], tiers: Sequence[Expression]) -> ProductPage:
        """Products that the search engine finds: those of earlier tiers first, then in the order of the catalogue."""
        tiers = [await self._among_prices(tier) for tier in tiers]
        groups = await self._found(tiers)
        if (slug := self._query.category) is not None:
            tiers = [All((tier, Term((category_token(slug),), CATEGORY))) for tier in tiers]
        chosen = await self._of_category(groups, lambda: self._found(tiers))
        total = _total(chosen)

        async def positions(first: int, end: int) -> list[int]:
            if self._query.sort == "featured":
                return [place % _TIER for place in _places(chosen)[first:end]]
            if total > MAX_LISTED:
                of = sum(category.products for category in categories)
                last = max(place % _TIER for place in _places(chosen))
                return (await self._walk(tiers[-1], end, expected=total * of / (last + 1)))[first:]
            return await self._sorted([place % _TIER for place in _places(chosen)], first, end)

        return await self._page(categories, groups, total, positions)

    async def by_key(self, categories: tuple[Category, ...], condition: str, key: str) -> ProductPage:
        """Products whose keys are so, in the order of their keys unless another is asked for."""
        where = " AND ".join(["p.position >= 0", condition, *self._of_product()])
        source = "SELECT 0 AS tier, p.position AS position FROM catalog_product AS p"
        if self._query.sort != "featured":
            source += " JOIN catalog_facet AS f ON f.position = p.position"
        source += f" WHERE {where}"
        order = "p.sku_key, p.position" if self._query.sort == "featured" else self._order()
        parameters = {**self._parameters, "key": key, "key_end": key + "\U0010ffff"}
        in_category = parameters | {"category": self._query.category}
        return await self._by_rows(
            categories, (source, parameters), (f"{source} AND p.category = :category", in_category), order
        )

    async def listed(self, categories: tuple[Category, ...]) -> ProductPage:
        """All products, or those of a category, that pass the filters."""
        of_prices = await self._price_range()
        if of_prices is not None:
            return await self.by_text(categories, (of_prices,))
        order = order_column(self._query.sort, self._query.language)
        where = " AND ".join(["i.scope = :scope", "p.listed", *self._of_product()])
        source = (
            "SELECT 0 AS tier, p.position AS position FROM catalog_place AS i"  # noqa: S608
            f" JOIN catalog_product AS p ON p.position = i.{order} WHERE {where}"
        )
        every, in_category = ({**self._parameters, "scope": scope} for scope in (EVERYTHING, self._query.category))
        return await self._by_rows(categories, (source, every), (source, in_category), "i.place")

    async def rarest_first(self, words: Sequence[tuple[Expression | None, Expression]]) -> tuple[Expression, ...]:
        """Tiers for products that have any of the words: those that few products have say most."""
        if not words:
            return ()
        parameters = dict(self._parameters)
        counts = []
        for place, (_, found) in enumerate(words):
            parameters[f"words{place}"] = self._written(await self._among_prices(found))
            matches = self._matches(f"words{place}", place)
            counts.append(f"SELECT {place} AS place, count(*) AS found FROM ({matches} LIMIT {MAX_LISTED}) AS hit")  # noqa: S608
        rows = await self._rows(" UNION ALL ".join(counts), parameters)
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

    async def _by_rows(
        self, categories: tuple[Category, ...], every: _Source, in_category: _Source, order: str
    ) -> ProductPage:
        """What statements find, in all categories and in the chosen one, read in an order that stops at the limit."""
        groups = await self._counted(*_limited(every, order))
        source = every if self._query.category is None else in_category
        chosen = await self._of_category(groups, lambda: self._counted(*_limited(source, order)))

        async def positions(first: int, end: int) -> list[int]:
            statement, parameters = source
            window = {"first": first, "size": end - first}
            rows = await self._rows(f"{statement} ORDER BY {order} LIMIT :size OFFSET :first", {**parameters, **window})
            return [row.position for row in rows]

        return await self._page(categories, groups, _total(chosen), positions)

    async def _of_category(
        self, groups: Sequence[_Group], again: Callable[[], Awaitable[Sequence[_Group]]]
    ) -> Sequence[_Group]:
        """What was found in the wanted category, counted again if the limit has cut the first count short."""
        if (slug := self._query.category) is None:
            return groups
        if _total(groups) > MAX_LISTED:
            return await again()
        return [row for row in groups if row.category == slug]

    async def _page(
        self,
        categories: tuple[Category, ...],
        groups: Sequence[_Group],
        total: int,
        positions: Callable[[int, int], Awaitable[list[int]]],
    ) -> ProductPage:
        """`positions` are those from one place of the list up to another."""
        query = self._query
        self.any_found = bool(groups)
        first = (query.page - 1) * query.size
        end = min(first + query.size, total, MAX_LISTED)
        wanted = await positions(first, end) if first < end else []
        return ProductPage(
            items=await products.by_position(self._reader, wanted, self._now),
            total=min(total, MAX_LISTED),
            more=total > MAX_LISTED,
            page=query.page,
            size=query.size,
            categories=categories,
            facets=Facets(
                categories={row.category: row.found for row in groups},
                lowest=min((row.lowest for row in groups), default=None),
                highest=max((row.highest for row in groups), default=None),
            ),
        )

    async def _found(self, tiers: Sequence[Expression]) -> Sequence[_Group]:
        """The first products that the search engine finds, those of earlier tiers first."""
        parameters = dict(self._parameters)
        parts: list[str] = []
        for tier, expression in enumerate(tiers):
            new = Except(expression, tiers[tier - 1]) if tier else expression
            name = f"words{tier}"
            parameters[name] = self._written(new)
            parts.append(f"SELECT * FROM ({self._matches(name, tier)} ORDER BY s.rowid LIMIT {_MOST}) AS {name}")  # noqa: S608
        return await self._counted(" UNION ALL ".join(parts), parameters)

    async def _counted(self, found: str, parameters: Mapping[str, Any]) -> Sequence[_Group]:
        """The first products that a statement finds, by category: how many, their prices, and their places."""
        place = f"hit.tier * {_TIER} + hit.position"
        places = f"group_concat({place})" if self._sqlite else f"string_agg(CAST({place} AS text), ',')"
        # A union is carried out part by part, and ends at the limit.
        statement = (
            "SELECT f.category AS category, count(*) AS found, min(f.price) AS lowest, max(f.price) AS highest,"  # noqa: S608
            f" {places} AS places FROM (SELECT * FROM ({found}) AS every LIMIT {_MOST}) AS hit"
            f"{self._join('catalog_facet', 'f', 'hit.position')} GROUP BY f.category"
        )
        return await self._rows(statement, parameters)

    async def _walk(self, expression: Expression, end: int, expected: float) -> list[int]:
        """
        The first products in the order of the query, of very many: bucket by bucket of that order.

        `expected` is how many there are, as far as it can be told from the first ones.
        """
        found: list[int] = []
        order = order_column(self._query.sort, self._query.language)
        ranked, down = ("price", True) if order == "price_down" else (order, False)
        bounds = self._price_buckets if ranked == "price" and self._price_buckets else (0, ranks.BUCKETS)
        buckets = max(1, round(_MARGIN * ranks.BUCKETS * end / expected))
        for low, high in ranks.steps(buckets, *bounds, down=down):
            part = self._written(All((expression, ranks.between(ranked, low, high))))
            statement = f"{self._matches('words', 0, sort=True)} ORDER BY {self._order()} LIMIT :wanted"
            rows = await self._rows(statement, {**self._parameters, "words": part, "wanted": end - len(found)})
            found += [row.position for row in rows]
            if len(found) >= end:
                break
        return found

    async def _sorted(self, positions: Sequence[int], first: int, end: int) -> list[int]:
        """A page of these products in the order of the query."""
        if self._sqlite:
            among, listed = "IN (SELECT value FROM json_each(:positions))", f"[{','.join(map(str, positions))}]"
        else:
            among, listed = "= ANY(CAST(:positions AS integer[]))", f"{{{','.join(map(str, positions))}}}"
        statement = (
            f"SELECT f.position AS position FROM catalog_facet AS f WHERE f.position {among}"  # noqa: S608
            f" ORDER BY {self._order()} LIMIT :size OFFSET :first"
        )
        rows = await self._rows(statement, {"positions": listed, "first": first, "size": end - first})
        return [row.position for row in rows]

    def _of_product(self) -> list[str]:
        """The filters as conditions on a product."""
        return [price.format("p") for price in self._prices] + ([_IN_STOCK] if self._query.in_stock else [])

    def _order(self) -> str:
        order = order_column(self._query.sort, self._query.language)
        return "f.price DESC, f.price_place" if order == "price_down" else f"f.{place_column(order)}"

    def _matches(self, name: str, tier: int, *, sort: bool = False) -> str:
        """A statement for what an expression finds, which is the parameter of this name."""
        joined, conditions = (
            "",
            [f"catalog_index MATCH :{name}" if self._sqlite else f"s.words @@ CAST(:{name} AS tsquery)"],
        )
        if sort or self._prices:
            joined += self._join("catalog_facet", "f", "s.rowid")
            conditions += [price.format("f") for price in self._prices]
        if self._query.in_stock:
            joined += self._join("catalog_product", "p", "s.rowid")
            conditions.append(_IN_STOCK)
        where = " AND ".join(conditions)
        return f"SELECT {tier} AS tier, s.rowid AS position FROM catalog_index AS s{joined} WHERE {where}"  # noqa: S608

    def _join(self, table: str, alias: str, position: str) -> str:
        """
        A join that looks up a row for each position.

        PostgreSQL would read the whole table rather than look up a thousand rows, unless there is nothing to choose.
        """
        if self._sqlite:
            return f" CROSS JOIN {table} AS {alias} ON {alias}.position = {position}"
        return f" CROSS JOIN LATERAL (SELECT * FROM {table} WHERE position = {position} LIMIT 1) AS {alias}"  # noqa: S608

    async def _among_prices(self, expression: Expression) -> Expression:
        of_prices = await self._price_range()
        return expression if of_prices in {None, expression} else All((expression, of_prices))

    async def _price_range(self) -> Term | None:
        """What finds the products of the buckets that the wanted prices are in; the conditions are exact."""
        low, high = self._query.min_price, self._query.max_price
        if low is None and high is None:
            return None
        if self._price_buckets is None:
            last = "max(bucket)" if high is None else "max(CASE WHEN lowest <= :max_price THEN bucket END)"
            first = "0" if low is None else "max(CASE WHEN lowest <= :min_price THEN bucket END)"
            bounds = {name: value for name, value in self._parameters.items() if name.endswith("_price")}
            (row,) = await self._rows(f"SELECT {first} AS first, {last} AS last FROM catalog_price", bounds)  # noqa: S608
            first_bucket = row.first or 0
            self._price_buckets = ranks.widened(first_bucket, max(first_bucket, row.last or 0) + 1)
        return ranks.between("price", *self._price_buckets)

    async def _rows(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
        if self._sqlite:
            return await self._reader.rows(statement, parameters)
        prepared = text(statement)
        # The planner must see the words: the index helps with rare ones, and only costs with those in every text.
        words = [name for name in parameters if name.startswith("words")]
        prepared = prepared.bindparams(*(bindparam(name, type_=String(), literal_execute=True) for name in words))
        if "now" in parameters:
            prepared = prepared.bindparams(products.NOW)
        return await self._reader.rows(prepared, parameters)


def _limited(source: _Source, order: str) -> _Source:
    statement, parameters = source
    return f"SELECT * FROM ({statement} ORDER BY {order} LIMIT {_MOST}) AS found", parameters  # noqa: S608


def _total(groups: Sequence[_Group]) -> int:
    return sum(row.found for row in groups)


def _places(groups: Sequence[_Group]) -> list[int]:
    """Where the hits of these categories stand, best first."""
    return sorted(map(int, ",".join(row.places for row in groups).split(",")))
