"""Reading products. Two statements a page, columns rather than entities: it is the hot path of the shop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, Subquery, and_, case, false, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.folding import words
from twinshop.catalog.tables import CategoryRow, LineRow, ProductRow
from twinshop.contracts.catalog import Category, Product, ProductPage, ProductQuery
from twinshop.contracts.errors import NotFound
from twinshop.contracts.values import Money


def expired(now: datetime) -> Subquery:
    """Pieces by product that expired reservations still hold in the books; an index finds them, usually none."""
    return (
        select(col(LineRow.sku), func.sum(col(LineRow.quantity)).label("pieces"))
        .where(col(LineRow.held_until) <= now)
        .group_by(col(LineRow.sku))
        .subquery("expired")
    )


def _products(now: datetime) -> Select[*tuple[object, ...]]:
    """
    Products as the shop shows them.

    What an expired reservation holds counts as available: it goes to whoever orders it next, and if it were shown as
    sold out, nobody would.
    """
    over = expired(now)
    return (
        select(
            col(ProductRow.sku),
            col(ProductRow.name),
            col(ProductRow.description),
            col(ProductRow.category),
            col(CategoryRow.name).label("category_name"),
            col(ProductRow.price),
            (col(ProductRow.on_hand) - col(ProductRow.reserved) + func.coalesce(over.c.pieces, 0)).label("available"),
            col(ProductRow.picture),
        )
        .join_from(ProductRow, CategoryRow, col(CategoryRow.slug) == col(ProductRow.category))
        .outerjoin(over, over.c.sku == col(ProductRow.sku))
    )


def _product(row: Row[*tuple[object, ...]]) -> Product:
    fields = {name: value for name, value in row._mapping.items() if name in Product.model_fields}  # noqa: SLF001 - SQLAlchemy's public name
    return Product.model_validate({**fields, "price": Money(amount=row.price)})


def _matches(query: ProductQuery) -> tuple[ColumnElement[bool], ColumnElement[bool]] | None:
    """What a product must fulfil to be listed for the text, and what to be listed first; None without a text."""
    looked_for = words(query.text)
    if not looked_for:
        return None
    names = [name for name in query.names if "\0" not in name]
    by_name = col(ProductRow.name).in_(names)
    by_others = or_(col(ProductRow.description).in_(names), col(CategoryRow.name).in_(names))
    listed = or_(_contain_all(col(ProductRow.folded_text), looked_for), *([by_name, by_others] if names else []))
    first = or_(_contain_all(col(ProductRow.folded_name), looked_for), *([by_name] if names else []))
    return listed, first


def _contain_all(column: SQLColumnExpression[str], looked_for: Sequence[str]) -> ColumnElement[bool]:
    if any("\0" in word for word in looked_for):
        return false()  # in no text, and PostgreSQL refuses it even as a parameter
    return and_(*(column.contains(word, autoescape=True) for word in looked_for))


def _order(query: ProductQuery, first: ColumnElement[bool] | None) -> list[SQLColumnExpression[Any]]:
    """The columns to sort by; the key comes last, so that pages never overlap."""
    featured: list[SQLColumnExpression[Any]] = [col(ProductRow.position)]
    if first is not None:
        featured.insert(0, case((first, 0), else_=1))
    columns: dict[str, list[SQLColumnExpression[Any]]] = {
        "featured": featured,
        "name": [col(ProductRow.folded_name)],
        "price": [col(ProductRow.price)],
        "-price": [col(ProductRow.price).desc()],
    }
    return [*columns[query.sort], col(ProductRow.sku)]


async def page(session: AsyncSession, query: ProductQuery, now: datetime) -> ProductPage:
    """One page of products, and all categories. Raises NotFound for a category that does not exist."""
    categories = await all_categories(session)
    if query.category is not None and query.category not in {category.slug for category in categories}:
        raise NotFound(f"There is no category {query.category}.", category=query.category)
    statement = _products(now).add_columns(func.count().over().label("total"))
    first = None
    if (matches := _matches(query)) is not None:
        listed, first = matches
        statement = statement.where(listed)
    if query.category is not None:
        statement = statement.where(col(ProductRow.category) == query.category)
    connection = await session.connection()
    window = statement.order_by(*_order(query, first)).limit(query.size).offset((query.page - 1) * query.size)
    rows = (await connection.execute(window)).all()
    total = rows[0].total if rows else 0
    if not rows and query.page > 1:  # beyond the last page there is no row to tell the total
        total = (await connection.execute(select(func.count()).select_from(statement.subquery()))).scalar_one()
    items = tuple(_product(row) for row in rows)
    return ProductPage(items=items, total=total, page=query.page, size=query.size, categories=categories)


async def all_categories(session: AsyncSession) -> tuple[Category, ...]:
    count = (
        select(func.count())
        .where(col(ProductRow.category) == col(CategoryRow.slug))
        .scalar_subquery()
        .label("products")
    )
    columns = (CategoryRow.slug, CategoryRow.name, CategoryRow.description, CategoryRow.picture)
    statement = select(*(col(column) for column in columns), count).order_by(
        col(CategoryRow.position), col(CategoryRow.slug)
    )
    rows = await (await session.connection()).execute(statement)
    return tuple(Category.model_validate(dict(row._mapping)) for row in rows)  # noqa: SLF001 - SQLAlchemy's public name


async def by_sku(session: AsyncSession, skus: Sequence[str], now: datetime) -> dict[str, Product]:
    """The products that exist, by their keys."""
    statement = _products(now).where(col(ProductRow.sku).in_(skus))
    rows = await (await session.connection()).execute(statement)
    return {row.sku: _product(row) for row in rows}
