"""More products than a search lists: what is found, counted and sorted is what looking at every product would give."""

import random

import pytest

from twinshop.catalog import ranks
from twinshop.catalog.seed import CatalogueData, replace
from twinshop.contracts.catalog import MAX_LISTED, ProductQuery
from twinshop.testing.products import catalogue_data, category_data, product_data

CATEGORIES = ("pots", "lids")
SORTS = {
    "featured": lambda product: product["place"],
    "price": lambda product: (product["price"], product["sku"]),
    "-price": lambda product: (-product["price"], product["sku"]),
    "name": lambda product: (product["name"].lower(), product["sku"]),
}


def _products():
    """Every other one is red, prices repeat, and the cheapest come last."""
    chance = random.Random(3)
    for place in range(4 * MAX_LISTED):
        yield product_data(
            f"K{chance.randrange(10**6):06}-{place:05}",
            name=f"{chance.choice(('Round', 'Square', 'Tall'))} pot {chance.choice('bcdfgh')}{place % 7}",
            description="red" if place % 2 else "blue",
            category=CATEGORIES[place % 3 == 0],
            price=5000 - place + chance.randrange(40) * 25 if place % 5 else 1999,
            stock=place % 11,
        )


PRODUCTS = [{**product, "place": place} for place, product in enumerate(_products())]


@pytest.fixture
async def many(opened, catalog_of_bare):
    products = ({key: value for key, value in product.items() if key != "place"} for product in PRODUCTS)
    data = catalogue_data(products, map(category_data, CATEGORIES))
    await replace(opened, CatalogueData.model_validate(data), print)
    return catalog_of_bare


def _expected(query):
    kept = [
        product
        for product in PRODUCTS
        if ("red" not in query.text or product["description"] == "red")
        and query.category in {None, product["category"]}
        and (query.min_price is None or product["price"] >= query.min_price)
        and (query.max_price is None or product["price"] <= query.max_price)
        and (not query.in_stock or product["stock"] > 0)
    ]
    return sorted(kept, key=SORTS[query.sort])


@pytest.mark.anyio
async def test_filters_and_sorts_give_what_every_product_looked_at_would_give(many):
    filters = [
        {"text": "red"},
        {"text": "red", "category": "pots"},
        {"text": "red", "category": "lids", "max_price": 3000},
        {"text": "pot", "min_price": 1999, "max_price": 1999},
        {"text": "red pot", "in_stock": True, "min_price": 2500},
        {"min_price": 2000, "max_price": 4500},
        {"category": "lids", "max_price": 2200, "in_stock": True},
        {"in_stock": True},
        {"max_price": 1998},
        {"min_price": 10_000_000},
        {"min_price": 3000, "max_price": 2000},
    ]
    for narrowed in filters:
        for sort in SORTS:
            for page in (1, 2, 10, 11):
                query = ProductQuery(**narrowed, sort=sort, page=page, size=100)
                found, expected = await many.search(query), _expected(query)
                listed = expected[:MAX_LISTED][(page - 1) * 100 : page * 100]
                assert [item.sku for item in found.items] == [product["sku"] for product in listed], query
                assert (found.total, found.more) == (min(MAX_LISTED, len(expected)), len(expected) > MAX_LISTED), query


def test_products_of_one_price_share_a_bucket():
    assert ranks.price_buckets([1, 1, 5, 5, 5, 9]) == [0, 0, 85, 85, 85, 213]


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("count", [1, 4, 300])
def test_steps_cover_all_buckets_once_and_from_the_right_end(count, down):
    steps = list(ranks.steps(count, 10, 200, down=down))
    assert [bucket for low, high in sorted(steps) for bucket in range(low, high)] == list(range(10, 200))
    assert steps == sorted(steps, reverse=down)


@pytest.mark.parametrize(("first", "end"), [(0, 256), (3, 5), (15, 17), (16, 32), (5, 200)])
def test_a_range_is_asked_for_by_the_words_of_its_buckets_and_of_whole_groups(first, end):
    words = ranks.words("price", range(ranks.BUCKETS))
    asked = set(ranks.between("price", first, end).tokens)
    assert [bool(asked & set(word.split())) for word in words] == [first <= b < end for b in range(ranks.BUCKETS)]


@pytest.mark.parametrize(("asked", "widened"), [((3, 5), (3, 5)), ((15, 31), (15, 31)), ((15, 33), (0, 48))])
def test_a_wide_range_is_asked_for_by_whole_groups(asked, widened):
    assert ranks.widened(*asked) == widened
