"""The search in every language of the shop, over the ports of the catalogue and the translator."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from twinshop.catalog.app import build as build_catalog
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import ProductQuery
from twinshop.storefront.clients import HttpCatalog, HttpTranslator
from twinshop.storefront.finder import find
from twinshop.storefront.languages import LANGUAGES, SOURCE
from twinshop.storefront.shop import Shop
from twinshop.translate.app import build as build_translate

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

OTHERS = [code for code, each in LANGUAGES.items() if code != SOURCE and each.complete]
DATA = json.loads((Path(str(files("twinshop.catalog"))) / "data" / "catalogue.json").read_text(encoding="utf-8"))
CATEGORIES = {category["slug"]: category["name"] for category in DATA["categories"]}
TEXTS = {
    product["sku"]: (product["name"], product["description"], CATEGORIES[product["category"]])
    for product in DATA["products"]
}


def memory(language):
    path = Path(str(files("twinshop.translate"))) / "memory" / language / "catalogue.json"
    return {} if language == SOURCE else json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
async def shop(reach, database):
    async with (
        reach(build_catalog(CatalogSettings(database_url=f"sqlite:///{database}")), HttpCatalog) as catalog,
        reach(build_translate(), HttpTranslator) as translator,
    ):
        yield Shop(catalog=catalog, carts=None, payments=None, translator=translator, remote=frozenset())


@pytest.fixture
def found(shop):
    """The keys of all products that are listed for a text."""

    async def skus(text, language):
        page = await find(shop, ProductQuery(text=text, size=100), language)
        assert page.total == len(page.items)
        return {product.sku for product in page.items}

    return skus


@pytest.fixture
def step(transport):
    """All of them in process; one of so many where each takes a call over HTTP."""
    return 1 if transport == "in process" else 6


@pytest.mark.parametrize("language", [SOURCE, *OTHERS])
async def test_a_word_of_the_name_and_one_of_the_description_find_every_product(found, language, step):
    translations = memory(language)
    missed = []
    for sku, (name, description, _) in list(TEXTS.items())[::step]:
        word = max(translations.get(name, name).split(), key=len)
        other = max(translations.get(description, description).split(), key=len)
        if sku not in await found(f"{word} {other}", language):
            missed.append((sku, word, other))
    assert missed == []


async def test_the_catalogue_alone_answers_a_search_whatever_becomes_of_the_translator(shop):
    alone = Shop(shop.catalog, None, None, None, frozenset())
    for text, language in (("sartenes", "es"), ("frying pan", "es"), ("Pfanne", "de"), ("pans", "en")):
        page = await find(alone, ProductQuery(text=text), language)
        assert page.items[0].sku == "KIT-001"


async def test_filters_and_what_was_found_reach_the_caller_whole(shop):
    page = await find(shop, ProductQuery(text="gitar", max_price=30_000, in_stock=True, category="music"), SOURCE)
    assert ([item.sku for item in page.items], page.corrected) == (["MUS-001"], "guitar")
    assert page.facets.categories == {"music": 1}
    page = await find(shop, ProductQuery(text="guitar xqzv"), SOURCE)
    assert (page.partial, page.missing) == (True, ("xqzv",))
