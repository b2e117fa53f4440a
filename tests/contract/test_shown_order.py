"""Lists sorted by name are in the order of the names that are shown, whatever the language and the page."""

import pytest

from twinshop.contracts.catalog import ProductPage, ProductQuery
from twinshop.contracts.errors import Unavailable
from twinshop.contracts.translate import Translation
from twinshop.storefront.finder import find
from twinshop.storefront.shop import Shop
from twinshop.testing.products import a_product

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


class Shelf:
    """A catalogue of one product that keeps the queries."""

    def __init__(self):
        self.queries = []

    async def search(self, query):
        self.queries.append(query)
        return ProductPage(items=(a_product(),), total=1, page=query.page, size=query.size, categories=())


class Knowing:
    """Translates everything, or is down."""

    def __init__(self, *, down=False):
        self._down = down

    async def translate_many(self, request):
        if self._down:
            raise Unavailable("down", component="translate")
        return tuple(Translation(text=f"{text}!", origin="memory") for text in request.texts)


def shop(**translator):
    return Shop(Shelf(), None, None, Knowing(**translator), frozenset())


async def asked(front, sort, language):
    await find(front, ProductQuery(sort=sort, page=2), language)
    return [(query.sort, query.language, query.page) for query in front.catalog.queries]


@pytest.mark.parametrize(
    ("sort", "language"), [("name", "en"), ("name", "es"), ("price", "es"), ("featured", "de"), ("-price", "en")]
)
async def test_the_catalogue_sorts_in_the_language_in_one_question(sort, language):
    assert await asked(shop(), sort, language) == [(sort, language, 2)]


async def test_without_a_translator_the_english_names_are_shown_and_sorted():
    assert await asked(shop(down=True), "name", "es") == [("name", "es", 2), ("name", "en", 2)]
