"""The contract of `twinshop.contracts.catalog.Catalog`."""

import pytest

from twinshop.catalog.app import build
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import MAX_ORDERS, MAX_PAGE_SIZE, MAX_SKUS, ProductQuery, StockLine, StockTotal
from twinshop.contracts.errors import Conflict, NotFound, OutOfStock, TooLarge
from twinshop.contracts.values import MAX_QUANTITY
from twinshop.storefront.clients import HttpCatalog

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ONE_PAN = [StockLine(sku="KIT-001", quantity=1)]
TWO_PANS = [StockLine(sku="KIT-001", quantity=2)]
NO_SUCH_THING = [StockLine(sku="XXX-999", quantity=1)]


@pytest.fixture(scope="module")
async def opened(reach, database):
    async with reach(build(CatalogSettings(database_url=f"sqlite:///{database}")), HttpCatalog) as port:
        yield port


@pytest.fixture
def catalog(opened, restored):
    return opened


@pytest.fixture
def order_id(make_id):
    return make_id()


@pytest.fixture
def available(catalog):
    async def pieces(sku="KIT-001"):
        (product,) = await catalog.get_many([sku])
        return product.available

    return pieces


async def test_search_pages_through_all_products(catalog):
    first = await catalog.search(ProductQuery(size=10, sort="name"))
    second = await catalog.search(ProductQuery(size=10, sort="name", page=2))
    assert first.total == second.total >= 60
    assert len({product.sku for product in first.items + second.items}) == 20


async def test_search_finds_words_whatever_their_case(catalog):
    found = await catalog.search(ProductQuery(text="FRYING pan"))
    assert "KIT-001" in {product.sku for product in found.items}


async def test_search_keeps_to_a_category(catalog):
    found = await catalog.search(ProductQuery(category="garden", size=100))
    assert {product.category for product in found.items} == {"garden"}


async def test_products_come_in_the_order_asked_for_without_unknown_ones(catalog):
    skus = [product.sku for product in (await catalog.search(ProductQuery(size=3))).items]
    found = await catalog.get_many([skus[2], "XXX-999", skus[0]])
    assert [product.sku for product in found] == [skus[2], skus[0]]


async def test_too_many_products_at_once_are_too_large(catalog, refuses):
    with refuses(TooLarge, limit=MAX_SKUS):
        await catalog.get_many([f"KIT-{n:03}" for n in range(MAX_SKUS + 1)])


async def test_a_product_comes_with_others_of_its_category(catalog):
    listed = (await catalog.search(ProductQuery(size=MAX_PAGE_SIZE))).items
    wanted = listed[-1]
    same = [product for product in listed if product.category == wanted.category and product != wanted]

    found = await catalog.get_with_related(wanted.sku, 2)

    assert found == (wanted, *same[:2])
    assert await catalog.get_with_related(wanted.sku, 0) == (wanted,)
    assert await catalog.get_with_related("XXX-999", 2) == ()


async def test_reserving_twice_reserves_once(catalog, order_id, available):
    before = await available()
    first = await catalog.reserve(order_id, TWO_PANS)
    assert await catalog.reserve(order_id, TWO_PANS) == first
    assert await available() == before - 2


async def test_committing_twice_commits_once(catalog, order_id):
    await catalog.reserve(order_id, TWO_PANS)
    first = await catalog.commit(order_id)
    assert first.state == "committed"
    assert await catalog.commit(order_id) == first
    assert (await catalog.audit()).sold == 2


async def test_releasing_twice_releases_once(catalog, order_id, available):
    before = await available()
    await catalog.reserve(order_id, TWO_PANS)
    first = await catalog.release(order_id)
    assert first.state == "released"
    assert await catalog.release(order_id) == first
    assert await available() == before


async def test_lapsing_twice_lapses_once_and_the_order_may_reserve_again(catalog, order_id, available):
    before = await available()
    await catalog.reserve(order_id, TWO_PANS)
    assert await catalog.held([order_id]) == (StockTotal(sku="KIT-001", quantity=2),)
    for _ in range(2):
        await catalog.lapse(order_id)
    assert (await available(), await catalog.held([order_id])) == (before, ())
    await catalog.reserve(order_id, TWO_PANS)
    assert (await available(), await catalog.held([order_id])) == (before - 2, (StockTotal(sku="KIT-001", quantity=2),))


async def test_what_is_not_reserved_does_not_lapse(catalog, order_id, make_id):
    await catalog.lapse(make_id())
    await catalog.reserve(order_id, TWO_PANS)
    committed = await catalog.commit(order_id)
    await catalog.lapse(order_id)
    assert await catalog.commit(order_id) == committed
    assert await catalog.held([order_id]) == ()


async def test_too_many_orders_at_once_are_too_large(catalog, make_id, refuses):
    with refuses(TooLarge, limit=MAX_ORDERS):
        await catalog.held([make_id() for _ in range(MAX_ORDERS + 1)])


async def test_the_audit_adds_up(catalog, order_id):
    await catalog.reserve(order_id, TWO_PANS)
    audit = await catalog.audit()
    assert audit.initial == audit.on_hand + audit.sold
    assert (audit.reserved, audit.open_reservations) == (2, 1)


async def test_more_than_there_is_is_out_of_stock(catalog, order_id, make_id, available, refuses):
    while (left := await available()) >= MAX_QUANTITY:
        await catalog.reserve(make_id(), [StockLine(sku="KIT-001", quantity=MAX_QUANTITY)])
    with refuses(OutOfStock, shortages=[{"sku": "KIT-001", "requested": left + 1, "available": left}]):
        await catalog.reserve(order_id, [StockLine(sku="KIT-001", quantity=left + 1)])


async def test_an_unknown_product_cannot_be_reserved(catalog, order_id, refuses):
    with refuses(NotFound, skus=["XXX-999"]):
        await catalog.reserve(order_id, NO_SUCH_THING)


async def test_an_order_reserves_its_lines_and_no_others(catalog, order_id, refuses):
    await catalog.reserve(order_id, ONE_PAN)
    with refuses(Conflict, order_id=order_id):
        await catalog.reserve(order_id, TWO_PANS)


async def test_a_released_order_reserves_no_more(catalog, order_id, refuses):
    await catalog.release(order_id)
    with refuses(Conflict, order_id=order_id):
        await catalog.reserve(order_id, ONE_PAN)


async def test_what_was_never_reserved_cannot_be_committed(catalog, order_id, refuses):
    with refuses(NotFound, order_id=order_id):
        await catalog.commit(order_id)


async def test_what_was_released_cannot_be_committed(catalog, order_id, refuses):
    await catalog.release(order_id)
    with refuses(Conflict, order_id=order_id):
        await catalog.commit(order_id)


async def test_what_was_committed_cannot_be_released(catalog, order_id, refuses):
    await catalog.reserve(order_id, ONE_PAN)
    await catalog.commit(order_id)
    with refuses(Conflict, order_id=order_id):
        await catalog.release(order_id)
