import pytest
from sqlalchemy import event

from twinshop.contracts.catalog import MAX_SKUS, ProductQuery
from twinshop.contracts.errors import NotFound, TooLarge
from twinshop.contracts.values import MAX_FOUND, MAX_WORDS, FoundText

pytestmark = pytest.mark.anyio


def known(*texts, words=(0,)):
    return tuple(FoundText(text=text, words=words) for text in texts)


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
        ("mug steel", []),
        ("read nif", ["KIT-003"]),  # anywhere in a word
        ("saute", ["KIT-001"]),
        ("SAUTÉ", ["KIT-001"]),
        ("saute\u0301", ["KIT-001"]),  # the accent as a sign of its own
        ("sencha mug's", ["TEA-001"]),
        ("100%", ["KIT-002"]),
        ("%", ["KIT-002"]),
        ("_", ["KIT-002"]),
        ("a\\b", ["KIT-002"]),
        ("\\", ["KIT-002"]),
        ("c/d", []),
        ("/", ["KIT-003"]),
        ("<b>", ["KIT-003"]),
        ("<script>alert(1)</script>", []),
        ("'; DROP TABLE catalog_product; --", []),
        ("' OR '1'='1", []),
        ("mug\0", ["KIT-002", "TEA-001"]),  # what cannot be printed is left out
        ("\U0001f375", []),
        ("   ", ["KIT-001", "KIT-002", "KIT-003", "TEA-001", "TEA-002"]),
        ("a " * 50, ["KIT-001", "KIT-002", "KIT-003", "TEA-001", "TEA-002"]),
    ],
)
async def test_every_word_of_the_text_is_looked_for_as_it_stands(found, text, skus):
    assert sorted(await found(text=text)) == sorted(skus)


async def test_products_whose_name_matches_come_first(found):
    assert await found(text="tea") == ["TEA-001", "TEA-002", "KIT-002"]


async def test_names_with_a_word_that_begins_so_come_before_names_that_merely_contain_it(found):
    assert await found(text="e") == ["KIT-002", "KIT-001", "KIT-003", "TEA-001", "TEA-002"]


@pytest.mark.parametrize("name", ["Bread knife", "Cuts bread <b>well</b>."])
async def test_known_names_and_descriptions_widen_a_search(found, name):
    assert await found(text="cuchillo", known=known(name, "unknown", "nul\0", "'")) == ["KIT-003"]


async def test_known_category_names_widen_a_search(found):
    assert await found(text="cocina", known=known("Kitchen & Table")) == ["KIT-001", "KIT-002", "KIT-003"]


NAME = known("Bread knife", words=(0,))
DESCRIPTION = known("Cuts bread <b>well</b>.", words=(1,))


@pytest.mark.parametrize(
    ("text", "texts", "skus"),
    [
        ("cuchillo pan", (*NAME, *DESCRIPTION), ["KIT-003"]),  # one by the name, one by the description
        ("cuchillo well", NAME, ["KIT-003"]),  # one as it stands
        ("cuchillo pan", NAME, []),
        ("pan cuchillo", NAME, []),  # `pan` is known of the knife, but nothing of `cuchillo`
        ("cuchillo", (*NAME, *DESCRIPTION), ["KIT-003"]),  # a position beyond the words says nothing
        ("cuchillo pan", known("Bread knife", "Sauté pan", words=(0, 1)), ["KIT-001", "KIT-003"]),
    ],
)
async def test_every_word_is_matched_for_itself(found, text, texts, skus):
    assert await found(text=text, known=texts) == skus


async def test_part_of_a_name_does_not_widen_a_search(found):
    assert await found(text="cuchillo", known=known("Bread", "bread knife")) == []


async def test_known_names_come_before_texts_that_merely_match(found):
    assert await found(text="mug", known=known("Bread knife")) == ["KIT-002", "KIT-003", "TEA-001"]


async def test_names_do_not_narrow_a_listing_without_a_text(found):
    assert len(await found(known=known("Bread knife"))) == 5


async def test_as_many_known_texts_as_the_port_allows_can_be_given_for_as_many_words(found):
    words = [f"x{n}" for n in range(MAX_WORDS)]
    texts = (*(f"name {n}" for n in range(MAX_FOUND - 1)), "Green tea")
    assert await found(text=" ".join(words), known=known(*texts, words=tuple(range(MAX_WORDS)))) == ["TEA-001"]


async def test_words_beyond_the_limit_are_not_looked_for(found):
    begun = "t e a g r n h i s m u g b f d c o l k w"
    assert len(ProductQuery(text=f"{begun} {begun} x y").words) == MAX_WORDS
    assert await found(text="tea green " + "tea " * 15 + "mug") == ["TEA-001"]


async def test_a_category_narrows_the_list(found):
    assert await found(category="tea") == ["TEA-001", "TEA-002"]


async def test_a_category_narrows_names_too(found):
    assert await found(text="cocina", known=known("Kitchen & Table", "Green tea"), category="tea") == ["TEA-001"]


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


@pytest.mark.parametrize("query", [{}, {"text": "tea mug", "known": known("Green tea"), "category": "tea", "size": 1}])
async def test_a_page_takes_two_statements(catalog, database, query):
    statements = []
    event.listen(
        database.engine.sync_engine, "before_cursor_execute", lambda _1, _2, sql, *_: statements.append(sql.split()[0])
    )
    await catalog.search(ProductQuery(**query))
    assert [verb for verb in statements if verb != "BEGIN"] == ["SELECT", "SELECT"]


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
