import asyncio

import pytest
from pydantic import ValidationError
from sqlalchemy import event

from twinshop.catalog.seed import seed
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import ProductQuery
from twinshop.kit.database import Database
from twinshop.testing.databases import PATIENT
from twinshop.testing.products import a_product

pytestmark = pytest.mark.anyio

ORDER = "order-0000000000"


async def test_products_come_from_the_file(catalog):
    (mug,) = await catalog.get_many(["KIT-002"])
    assert mug == a_product(
        "KIT-002",
        name="Enamel mug",
        description="Holds 100% of your tea; a\\b c_d.",
        category="kitchen",
        category_name="Kitchen & Table",
        price=990,
        available=10,
        picture="kit-002.webp",
    )


async def test_seeding_a_known_file_again_takes_no_lock(database, data):
    begun = []
    event.listen(
        database.engine.sync_engine, "begin", lambda connection: begun.append(connection.get_execution_options())
    )
    await seed(database, data)
    assert [options.get("writes", False) for options in begun] == [False]


async def test_a_changed_file_changes_texts_and_prices(database, catalog, content, write_data):
    content["products"][1].update(name="Tin cup", description="New.", price=1, category="tea", picture="cup.webp")
    content["categories"][1]["name"] = "Tea & more"
    await seed(database, write_data(content))
    (cup,) = await catalog.get_many(["KIT-002"])
    assert (cup.name, cup.description, cup.price.amount, cup.category, cup.category_name, cup.picture) == (
        *("Tin cup", "New.", 1, "tea", "Tea & more", "cup.webp"),
    )


async def test_a_changed_file_changes_what_searches_find(database, catalog, content, write_data):
    content["categories"][1]["name"] = "Infusions"
    await seed(database, write_data(content))
    found = await catalog.search(ProductQuery(text="infusions"))
    assert [product.sku for product in found.items] == ["TEA-001", "TEA-002"]


async def test_a_changed_file_never_changes_the_stock_of_a_known_product(database, catalog, content, write_data, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2, KIT_002=3))
    await catalog.commit(ORDER)
    before = await catalog.audit()
    for product in content["products"]:
        product["stock"] = 1000
    await seed(database, write_data(content))
    assert await catalog.audit() == before


async def test_a_new_product_brings_its_stock(database, catalog, content, write_data, available):
    content["products"].append({**content["products"][0], "sku": "NEW-001", "stock": 7})
    await seed(database, write_data(content))
    assert await available("NEW-001") == 7


async def test_a_product_that_left_the_file_stays(database, catalog, content, write_data):
    del content["products"][0]
    await seed(database, write_data(content))
    assert len(await catalog.get_many(["KIT-001"])) == 1


async def test_the_order_of_the_file_is_the_featured_order(database, catalog, content, write_data):
    content["products"].reverse()
    content["categories"].reverse()
    await seed(database, write_data(content))
    found = await catalog.search(ProductQuery())
    assert [product.sku for product in found.items] == ["TEA-002", "TEA-001", "KIT-003", "KIT-002", "KIT-001"]
    assert [category.slug for category in found.categories] == ["empty", "tea", "kitchen"]


async def test_processes_that_start_together_seed_once(bare, database_url, data):
    others = [Database("catalog", database_url, PATIENT) for _ in range(4)]
    await asyncio.gather(*(seed(database, data) for database in [bare, *others]))
    async with bare.connection() as connection:
        count = (await connection.exec_driver_sql("SELECT count(*) FROM catalog_product")).scalar_one()
    await asyncio.gather(*(database.dispose() for database in others))
    assert count == 5


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"category": "garden"}, "products in unknown categories: garden"),
        ({"sku": "KIT-001"}, "listed more than once: KIT-001"),
        ({"stock": -1}, "stock"),
        ({"price": -1}, "price"),
        ({"sku": "k i t"}, "sku"),
        ({"colour": "red"}, "colour"),
        ({"name": "\0"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"price": 10**12}, "price"),
    ],
)
async def test_a_file_that_makes_no_sense_is_refused_by_name(bare, content, write_data, change, complaint):
    content["products"][1].update(change)
    with pytest.raises(ValidationError, match=complaint):
        await seed(bare, write_data(content))


async def test_a_file_that_is_refused_leaves_the_products_as_they_were(database, catalog, content, write_data):
    before = await catalog.search(ProductQuery())
    content["products"][1]["price"] = -1
    with pytest.raises(ValidationError):
        await seed(database, write_data(content))
    assert await catalog.search(ProductQuery()) == before


async def test_the_packaged_file_has_products_in_every_category(bare, catalog_of_bare):
    await seed(bare, CatalogSettings().data)
    found = await catalog_of_bare.search(ProductQuery())
    assert found.total >= 60
    assert len(found.categories) >= 6
    assert all(category.products for category in found.categories)
