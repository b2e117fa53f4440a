"""Lists by name follow the names that are shown in each language; a list of any length is paged by places."""

import json

import pytest

from twinshop.catalog.index import TEXTS
from twinshop.catalog.seed import seed
from twinshop.contracts.catalog import ProductQuery
from twinshop.kit.collation import places

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("language", ["en", "es", "ca", "fr", "de"])
async def test_lists_by_name_are_in_the_order_of_the_names_shown(shipped, language):
    file = TEXTS / f"{language}.json"
    shown = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for category in (None, "kitchen"):
        for text in ("", "red"):
            query = ProductQuery(text=text, category=category, sort="name", language=language, size=100)
            names = [shown.get(item.name, item.name) for item in (await shipped.search(query)).items]
            place = places(names, language)
            assert names
            assert names == sorted(names, key=place.__getitem__)


async def test_counts_of_categories_are_kept(bare, catalog_of_bare, content, write_data):
    await seed(bare, write_data(content))
    content["products"][0]["category"] = "empty"
    await seed(bare, write_data(content))
    page = await catalog_of_bare.search(ProductQuery())
    assert [(category.slug, category.products) for category in page.categories] == [
        *(("kitchen", 2), ("tea", 2), ("empty", 1)),
    ]
