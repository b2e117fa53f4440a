"""No call that a page makes reads a whole table of products, however many there are, by the plans of both databases."""

import re

import pytest

from twinshop.contracts.catalog import ProductQuery
from twinshop.testing.plans import statements, steps

TABLES = re.compile(r"(?:SCAN|Seq Scan on) (catalog_(?!category|price)\w+|[ifp])\b")
"""Tables by their names and aliases, without the categories and the buckets of prices: they are few at any size."""

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
        {"category": "tea", "max_price": 900, "sort": "-price"},
    ],
)
async def test_no_page_scans_a_table_of_products(catalog, database, query):
    with statements() as asked:
        await catalog.search(ProductQuery(**query))
        await catalog.get_many(["KIT-001", "TEA-001"])
        await catalog.get_with_related("KIT-001", 4)

    assert len(asked) >= 5
    assert [step async for step in steps(database, asked, "SELECT") if TABLES.match(step[0])] == []
