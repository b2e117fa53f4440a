"""Reading products. Two statements a page, columns rather than entities: it is the hot path of the shop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.folding import fold
from twinshop.catalog.tables import CategoryRow, LineRow, ProductRow, UtcDateTime
from twinshop.contracts.catalog import Category, Product, ProductPage, ProductQuery
from twinshop.contracts.errors import NotFound
from twinshop.contracts.values import Money

NOW = bindparam("now", type_=UtcDateTime)

# The statements that all queries share are built once: building them anew took a fifth of a page's time.
EXPIRED = (
    select(col(LineRow.sku), func.sum(col(LineRow.quantity)).label("pieces"))
    .where(col(LineRow.held_until) <= NOW)
    .group_by(col(LineRow.sku))
    .subquery("expired")
)
"""Pieces by product that expired reservations still hold in the books; an index finds them, usually none."""

_PRODUCTS: Select[*tuple[Any, ...]] = (
    select(
        col(ProductRow.sku),
        col(ProductRow.name),
        col(ProductRow.description),
        col(ProductRow.category),
        col(CategoryRow.name).label("category_name"),
        col(ProductRow.price),
        (col(ProductRow.on_hand) - col(ProductRow.reserved) + func.coalesce(EXPIRED.c.pieces, 0)).label("available"),
        col(ProductRow.picture),
    )
    .join_from(ProductRow, CategoryRow, col(CategoryRow.slug) == col(ProductRow.category))
    .outerjoin(EXPIRED, EXPIRED.c.sku == col(ProductRow.sku))
)
"""
Products as the shop shows them.

What an expired reservation holds counts as available: it goes to whoever orders it next, and if it were shown as sold
out, nobody would.
"""
_COUNTED = _PRODUCTS.add_columns(func.count().over().label("total"))

_CATEGORIES = select(
    col(CategoryRow.slug),
    col(CategoryRow.name),
    col(CategoryRow.description),
    col(CategoryRow.picture),
    select(func.count()).where(col(ProductRow.category) == col(CategoryRow.slug)).scalar_subquery().label("products"),
).order_by(col(CategoryRow.position), col(CategoryRow.slug))


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


def _matches(query: ProductQuery) -> tuple[ColumnElement[bool], ColumnElement[int]] | None:
    """What a product must fulfil to be listed for the text, and its rank among those; None without a text."""
    looked_for = [(place, folded) for place, word in enumerate(query.words) if (folded := fold(word).strip())]
    if not looked_for:
        return None
    known: dict[int, list[str]] = {}
    for each in query.known:
        if "\0" not in each.text:
            for place in each.words:
                known.setdefault(place, []).append(each.text)
    name, folded_name = col(ProductRow.name), col(ProductRow.folded_name)
    texts = (name, col(ProductRow.description), col(CategoryRow.name))
    spaced = literal(" ") + folded_name
    listed, begins, within = [], [], []
    for place, word in looked_for:
        same = known.get(place, [])
        listed.append(_either(_holds(col(ProductRow.folded_text), word), texts, same))
        begins.append(_either(_holds(spaced, f" {word}"), (name,), same))
        within.append(_holds(folded_name, word))
    return and_(*listed), case((and_(*begins), 0), (and_(*within), 1), else_=2)


def _holds(column: SQLColumnExpression[str], word: str) -> ColumnElement[bool]:
    if "\0" in word:
        return false()  # in no text, and PostgreSQL refuses it even as a parameter
    return column.contains(word, autoescape=True)


def _either(
    holds: ColumnElement[bool], columns: Sequence[SQLColumnExpression[str]], same: Sequence[str]
) -> ColumnElement[bool]:
    """The word is held, or one of the columns is one of the texts that are known to match it."""
    return or_(holds, *(column.in_(same) for column in columns)) if same else holds


def _order(query: ProductQuery, rank: ColumnElement[int] | None) -> list[SQLColumnExpression[Any]]:
    """The columns to sort by; the key comes last, so that pages never overlap."""
    position = col(ProductRow.position)
    columns: dict[str, list[SQLColumnExpression[Any]]] = {
        "featured": [position] if rank is None else [rank, position],
        "name": [col(ProductRow.folded_name)],
        "price": [col(ProductRow.price)],
        "-price": [col(ProductRow.price).desc()],
    }
    return [*columns[query.sort], col(ProductRow.sku)]


async def page(session: AsyncSession, query: ProductQuery, now: datetime) -> ProductPage:
    """One page of products, and all categories. Raises NotFound for a category that does not exist."""
    categories = await all_categories(session)
    if query.category is not None and query.category not in {category.slug for category in categories}:
        raise NotFound("There is no such category in the shop.", category=query.category)
    statement = _COUNTED
    rank = None
    if (matches := _matches(query)) is not None:
        listed, rank = matches
        statement = statement.where(listed)
    if query.category is not None:
        statement = statement.where(col(ProductRow.category) == query.category)
    connection = await session.connection()
    window = statement.order_by(*_order(query, rank)).limit(query.size).offset((query.page - 1) * query.size)
    rows = (await connection.execute(window, {"now": now})).all()
    total = rows[0].total if rows else 0
    if not rows and query.page > 1:  # beyond the last page there is no row to tell the total
        count = select(func.count()).select_from(statement.subquery())
        total = (await connection.execute(count, {"now": now})).scalar_one()
    items = tuple(_product(row) for row in rows)
    return ProductPage(items=items, total=total, page=query.page, size=query.size, categories=categories)


async def all_categories(session: AsyncSession) -> tuple[Category, ...]:
    rows = await (await session.connection()).execute(_CATEGORIES)
    return tuple(
        Category(slug=row.slug, name=row.name, description=row.description, picture=row.picture, products=row.products)
        for row in rows
    )


async def by_sku(session: AsyncSession, skus: Sequence[str], now: datetime) -> dict[str, Product]:
    """The products that exist, by their keys."""
    statement = _PRODUCTS.where(col(ProductRow.sku).in_(skus))
    rows = await (await session.connection()).execute(statement, {"now": now})
    return {row.sku: _product(row) for row in rows}
