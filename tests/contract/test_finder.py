"""The search in every language of the shop, over the ports of the catalogue and the translator."""

import json
import random
from importlib.resources import files
from pathlib import Path

import pytest

from twinshop.catalog.app import build as build_catalog
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import ProductQuery
from twinshop.contracts.errors import Unavailable
from twinshop.contracts.values import MAX_FOUND
from twinshop.storefront.clients import HttpCatalog, HttpTranslator
from twinshop.storefront.finder import find
from twinshop.storefront.language import LANGUAGES, SOURCE
from twinshop.storefront.shop import Shop
from twinshop.translate.app import build as build_translate
from twinshop.translate.memory import fold

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

OTHERS = [code for code in LANGUAGES if code != SOURCE]
DATA = json.loads((Path(str(files("twinshop.catalog"))) / "data" / "catalogue.json").read_text(encoding="utf-8"))
CATEGORIES = {category["slug"]: category["name"] for category in DATA["categories"]}
TEXTS = {
    product["sku"]: (product["name"], product["description"], CATEGORIES[product["category"]])
    for product in DATA["products"]
}


def memory(language):
    path = Path(str(files("twinshop.translate"))) / "memory" / language / "catalogue.json"
    return {} if language == SOURCE else json.loads(path.read_text(encoding="utf-8"))


def folded_texts(language):
    """By product, all in which a word may be found: its texts in English and in the language."""
    translations = memory(language)
    return {
        sku: [fold(text) for text in (*texts, *(translations.get(text, text) for text in texts))]
        for sku, texts in TEXTS.items()
    }


@pytest.fixture
async def shop(reach, tmp_path):
    settings = CatalogSettings(database_url=f"sqlite:///{tmp_path}/catalog.sqlite")
    async with (
        reach(build_catalog(settings), HttpCatalog) as catalog,
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


@pytest.mark.parametrize("language", [SOURCE, *OTHERS])
async def test_words_find_exactly_the_products_whose_texts_hold_all_of_them(found, language, step):
    texts = folded_texts(language)
    frequent = ["de", "a", "e", "con", "der", "les", "und", "i"]
    every = sorted({word for held in texts.values() for text in held for word in text.split()})
    chosen = random.Random(language)
    pairs = [" ".join(chosen.sample(every, 2)) for _ in range(20)]
    pairs += [f"{chosen.choice(frequent)} {chosen.choice(every)}" for _ in range(20)]
    wrong = {}
    for query in (*frequent, *pairs)[::step]:
        held = {
            sku for sku, of in texts.items() if all(any(word in text for text in of) for word in fold(query).split())
        }
        if (listed := await found(query, language)) != held:
            wrong[query] = listed ^ held
    assert wrong == {}


@pytest.mark.parametrize("language", OTHERS)
async def test_all_texts_of_the_catalogue_fit_into_one_search(shop, language):
    every_letter = [chr(ord("a") + place) for place in range(20)]
    found = await shop.translator.find(every_letter, language)
    assert {each.text for each in found} >= {text for texts in TEXTS.values() for text in texts}
    assert len(memory(language)) < MAX_FOUND


async def test_a_query_of_letters_alone_still_finds(found):
    assert await found(" ".join("aeiou"), "es") == set(TEXTS)


async def test_one_call_to_the_translator_answers_for_all_words(shop):
    calls = []

    class Counting:
        async def find(self, words, language):
            calls.append((tuple(words), language))
            return await shop.translator.find(words, language)

    counted = Shop(shop.catalog, None, None, Counting(), frozenset())
    await find(counted, ProductQuery(text="Cocina jardín cocina"), "es")
    assert calls == [(("cocina", "jardín"), "es")]


async def test_without_the_translator_the_english_search_answers(shop):
    class Down:
        async def find(self, words, language):
            raise Unavailable("The translate component cannot be reached.", component="translate")

    page = await find(Shop(shop.catalog, None, None, Down(), frozenset()), ProductQuery(text="frying pan"), "es")
    assert [product.sku for product in page.items] == ["KIT-001"]
