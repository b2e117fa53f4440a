"""No call that a page makes reads a whole table of products, however many there are: SQLite's query plans."""

import re

import pytest
from sqlalchemy import event

from twinshop.contracts.catalog import ProductQuery

TABLES = re.compile(r"SCAN (catalog_(?!category)\w+|[ilp])\b")
"""Tables by their names and aliases, without the categories: they are few, and every page shows them all."""

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"category": "tea", "sort": "name", "language": "es"},
        {"sort": "-price", "page": 2, "size": 2},
        {"text": "tea"},
        {"text": "gren tea", "category": "tea"},
        {"text": "kit-00"},
        {"text": "mug", "sort": "price", "min_price": 100, "in_stock": True},
        {"in_stock": True, "sort": "name"},
        {"category": "tea", "max_price": 900},
    ],
)
async def test_no_page_scans_a_table_of_products(catalog, database, query):
    if not database.is_sqlite:
        pytest.skip("the plans of PostgreSQL depend on the sizes of the tables")
    asked = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _1, _2, statement, parameters, *_: asked.append((statement, parameters)),
    )
    await catalog.search(ProductQuery(**query))
    await catalog.get_many(["KIT-001", "TEA-001"])
    await catalog.get_with_related("KIT-001", 4)

    scans = []
    async with database.read() as session:
        connection = await session.connection()
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                scans += [step.detail for step in plan if TABLES.match(step.detail)]
    assert len(asked) > 5
    assert scans == []
