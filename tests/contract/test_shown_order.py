"""Lists sorted by name are in the order of the names that are shown, whatever the language and the page."""

import pytest

from twinshop.contracts.catalog import MAX_PAGE_SIZE, Category, Product, ProductPage, ProductQuery
from twinshop.contracts.errors import Unavailable
from twinshop.contracts.translate import Translation
from twinshop.contracts.values import Money
from twinshop.storefront.finder import MAX_SORTED, find
from twinshop.storefront.shop import Shop

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
CATEGORY = Category(slug="all", name="All", description="All", picture="x", products=1)


class Shelf:
    """A catalogue of `count` products whose names are their numbers; keeps the queries."""

    def __init__(self, count):
        self.queries = []
        self.products = [
            Product(
                sku=f"AAA-{number:03}",
                name=f"{number:03}",
                description="x",
                category="all",
                category_name="All",
                price=Money(amount=1),
                available=1,
                picture="x",
            )
            for number in range(count)
        ]

    async def search(self, query):
        self.queries.append(query)
        start = (query.page - 1) * query.size
        items = tuple(self.products[start : start + query.size])
        return ProductPage(
            items=items, total=len(self.products), page=query.page, size=query.size, categories=(CATEGORY,)
        )


class Backwards:
    """Its translation of a number is its complement, so that the order turns round; may be down."""

    def __init__(self, *, down=False):
        self._down = down

    async def translate_many(self, request):
        if self._down:
            raise Unavailable("down", component="translate")
        return tuple(Translation(text=f"{999 - int(text):03}", origin="memory") for text in request.texts)


def shop(count, **translator):
    return Shop(Shelf(count), None, None, Backwards(**translator), frozenset())


async def listed(shop, language, size=24):
    """The products of all pages, one page after the other."""
    skus, page = [], 1
    while True:
        found = await find(shop, ProductQuery(sort="name", page=page, size=size), language)
        assert (found.page, found.size, found.total) == (page, size, len(shop.catalog.products))
        skus += [product.sku for product in found.items]
        page += 1
        if page > found.pages:
            return skus


@pytest.mark.parametrize("count", [0, 1, 24, 72, MAX_PAGE_SIZE, MAX_PAGE_SIZE + 1, MAX_SORTED])
async def test_every_product_is_on_one_page_and_in_the_order_that_is_shown(count):
    front = shop(count)

    assert await listed(front, "es") == [product.sku for product in reversed(front.catalog.products)]


async def test_a_list_that_is_too_long_stays_in_the_order_of_the_english_names_on_every_page():
    front = shop(MAX_SORTED + 1)

    assert await listed(front, "es", MAX_PAGE_SIZE) == [product.sku for product in front.catalog.products]
    assert len(front.catalog.queries) == 2 * 6  # no page costs more than two questions


async def test_without_a_translator_the_english_names_are_shown_and_sorted():
    front = shop(72, down=True)

    assert await listed(front, "es") == [product.sku for product in front.catalog.products]


@pytest.mark.parametrize(("sort", "language"), [("price", "es"), ("featured", "es"), ("name", "en")])
async def test_what_the_catalogue_can_sort_it_sorts_in_one_question(sort, language):
    front = shop(72)
    query = ProductQuery(sort=sort, page=2)

    await find(front, query, language)

    assert front.catalog.queries == [query]


async def test_a_page_beyond_the_last_is_empty():
    found = await find(shop(10), ProductQuery(sort="name", page=10_000), "es")

    assert (found.items, found.total, found.page) == ((), 10, 10_000)
