import pytest

from twinshop.catalog.seed import seed
from twinshop.contracts.catalog import MAX_LISTED, MAX_SKUS, Facets, ProductQuery
from twinshop.contracts.errors import NotFound, TooLarge
from twinshop.testing.plans import statements

pytestmark = pytest.mark.anyio


@pytest.fixture
def found(catalog):
    """The keys of the products that a query lists."""

    async def find(**query):
        return [product.sku for product in (await catalog.search(ProductQuery(**query))).items]

    return find


async def test_everything_is_listed_in_featured_order_without_a_text(found):
    assert await found() == ["KIT-001", "KIT-002", "KIT-003", "TEA-001", "TEA-002"]


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("mug", ["KIT-002", "TEA-001"]),  # in the name, then in the description
        ("MUG", ["KIT-002", "TEA-001"]),
        ("tea", ["TEA-001", "TEA-002", "KIT-002"]),  # name matches before others
        ("table kitchen", ["KIT-001", "KIT-002", "KIT-003"]),  # the category's name
        ("tea mug", ["KIT-002", "TEA-001"]),  # every word, in whichever text
        ("nif", ["KIT-003"]),  # anywhere in a word
        ("saute", ["KIT-001"]),
        ("SAUTÉ", ["KIT-001"]),
        ("saute\u0301", ["KIT-001"]),  # the accent as a sign of its own
        ("sencha mug's", ["TEA-001"]),
        ("100%", ["KIT-002"]),
        ("c_d", ["KIT-002"]),
        ("mug\0", ["KIT-002", "TEA-001"]),  # what cannot be printed is left out
        *((signs, []) for signs in ("%", "_", "\\", "/", "<>", "'", '"', '""', "*", "(", "\U0001f375", "-- ;")),
        ("   ", ["KIT-001", "KIT-002", "KIT-003", "TEA-001", "TEA-002"]),
    ],
)
async def test_words_are_looked_for_whatever_stands_between_them(found, text, skus):
    assert await found(text=text) == skus


@pytest.mark.parametrize("lead", ["", "mug "])
@pytest.mark.parametrize(
    "text",
    [
        *("AND", "OR NOT", "NEAR(tea mug, 2)", "name:tea", "tea*", "^tea", "{name}: tea", "tea + mug", "-tea", '"tea'),
        *("'; DROP TABLE catalog_product; --", "' OR '1'='1", "<script>alert(1)</script>", "tea:*A", "!tea & mug"),
        *("tea <-> mug", "tea | (", "\\'tea", ":name", "%(name)s", "$1", "?", "\u202etea", "a " * 50, "x" * 100),
    ],
)
async def test_no_text_is_an_error_or_an_operator(catalog, lead, text):
    page = await catalog.search(ProductQuery(text=(lead + text)[:100]))
    assert page.total == len(page.items)


async def test_a_category_narrows_the_list(found):
    assert await found(category="tea") == ["TEA-001", "TEA-002"]


async def test_a_category_narrows_a_search(found):
    assert await found(text="tea", category="kitchen") == ["KIT-002"]


async def test_a_category_without_products_is_an_empty_page(catalog):
    page = await catalog.search(ProductQuery(category="empty"))
    assert (page.items, page.total, page.pages) == ((), 0, 1)


async def test_an_unknown_category_is_not_found(catalog):
    with pytest.raises(NotFound) as caught:
        await catalog.search(ProductQuery(category="garden"))
    assert caught.value.facts == {"category": "garden"}


@pytest.mark.parametrize(
    ("sort", "skus"),
    [
        ("name", ["TEA-002", "KIT-003", "KIT-002", "TEA-001", "KIT-001"]),
        ("price", ["TEA-001", "TEA-002", "KIT-002", "KIT-003", "KIT-001"]),
        ("-price", ["KIT-001", "KIT-003", "KIT-002", "TEA-001", "TEA-002"]),
    ],
)
async def test_products_are_sorted_with_the_key_as_the_last_word(found, sort, skus):
    assert await found(sort=sort) == skus


@pytest.mark.parametrize("sort", ["featured", "name", "price", "-price"])
async def test_pages_together_are_the_whole_list(found, sort):
    pages = [await found(sort=sort, page=page, size=2) for page in (1, 2, 3)]
    assert [sku for page in pages for sku in page] == await found(sort=sort)


@pytest.mark.parametrize("page", [1, 3, 4, 10_000])
async def test_the_total_is_the_same_on_every_page_and_beyond(catalog, page):
    assert (await catalog.search(ProductQuery(page=page, size=2))).total == 5


async def test_every_page_brings_all_categories_with_their_sizes(catalog):
    page = await catalog.search(ProductQuery(text="mug", category="tea"))
    assert [(category.slug, category.products) for category in page.categories] == [
        *(("kitchen", 3), ("tea", 2), ("empty", 0)),
    ]


@pytest.mark.parametrize("query", [{}, {"category": "tea", "sort": "name", "size": 1, "page": 2}])
async def test_a_page_of_a_list_takes_two_statements(catalog, database, query):
    with statements() as asked:
        await catalog.search(ProductQuery(**query))
    assert [statement.split()[0] for statement, _ in asked] == ["SELECT", "SELECT"]


async def test_products_come_in_the_order_asked_for_without_unknown_ones(catalog):
    products = await catalog.get_many(["TEA-001", "XXX-999", "KIT-002", "nul\0", "'", "KIT-001"])
    assert [product.sku for product in products] == ["TEA-001", "KIT-002", "KIT-001"]


@pytest.mark.parametrize("skus", [[], ["nul\0"]])
async def test_asking_for_no_products_answers_none(catalog, skus):
    assert await catalog.get_many(skus) == ()


async def test_as_many_products_as_the_port_allows_can_be_asked_for(catalog):
    assert len(await catalog.get_many(["KIT-001"] * MAX_SKUS)) == MAX_SKUS


async def test_more_products_than_the_port_allows_are_too_many(catalog):
    with pytest.raises(TooLarge):
        await catalog.get_many(["KIT-001"] * (MAX_SKUS + 1))


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ({"min_price": 2490}, ["KIT-001", "KIT-003"]),
        ({"max_price": 890}, ["TEA-001", "TEA-002"]),
        ({"min_price": 890, "max_price": 990, "in_stock": True}, ["KIT-002", "TEA-001"]),
        ({"in_stock": True, "category": "tea"}, ["TEA-001"]),
        ({"in_stock": True, "text": "tea"}, ["TEA-001", "KIT-002"]),
        ({"max_price": 900, "text": "tea", "category": "tea", "sort": "-price"}, ["TEA-001", "TEA-002"]),
        ({"min_price": 3, "max_price": 2}, []),
        ({"in_stock": True, "sort": "name"}, ["KIT-003", "KIT-002", "TEA-001", "KIT-001"]),
    ],
)
async def test_filters_narrow_lists_and_searches(found, query, skus):
    assert await found(**query) == skus


async def test_what_an_expired_reservation_holds_is_in_stock(catalog, found, lines, clock):
    await catalog.reserve("order-0000000000", lines(KIT_003=1))
    assert await found(in_stock=True, text="knife") == []
    clock.expire()
    assert await found(in_stock=True, text="knife") == ["KIT-003"]


async def test_facets_tell_what_is_found_in_each_category_whichever_is_chosen(catalog):
    for category in (None, "tea", "empty"):
        page = await catalog.search(ProductQuery(text="tea", category=category))
        assert page.facets == Facets(categories={"kitchen": 1, "tea": 2}, lowest=890, highest=990)
    assert (await catalog.search(ProductQuery())).facets is None


@pytest.mark.parametrize("sort", ["featured", "name", "price", "-price"])
async def test_pages_of_a_search_together_are_all_it_finds(found, sort):
    pages = [await found(text="tea", sort=sort, page=page, size=1) for page in (1, 2, 3, 4)]
    assert [sku for page in pages for sku in page] == await found(text="tea", sort=sort)


@pytest.mark.parametrize("query", [{"text": "widget"}, {"in_stock": True}, {"text": "widget", "category": "tea"}])
async def test_a_search_lists_so_many_products_and_says_that_there_are_more(
    bare, catalog_of_bare, content, write_data, query
):
    content["products"] = [
        {**content["products"][3], "sku": f"W-{number}", "name": f"Widget {number}", "stock": 1}
        for number in range(MAX_LISTED + 1)
    ]
    await seed(bare, write_data(content))
    page = await catalog_of_bare.search(ProductQuery(**query, size=100, page=10))
    assert (page.total, page.more, len(page.items)) == (MAX_LISTED, True, 100)
    assert (await catalog_of_bare.search(ProductQuery(**query, size=100, page=11))).items == ()
    last = await catalog_of_bare.search(ProductQuery(size=100, page=11))
    assert (last.total, last.more, [item.sku for item in last.items]) == (MAX_LISTED + 1, False, [f"W-{MAX_LISTED}"])
