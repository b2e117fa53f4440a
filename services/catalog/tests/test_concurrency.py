"""Many at once. Each service has connections of its own, as a process of its own would."""

import asyncio
from datetime import timedelta

import pytest

from twinshop.catalog.service import CatalogService
from twinshop.contracts.errors import Conflict, OutOfStock, ShopError
from twinshop.kit.database import Database
from twinshop.testing.databases import PATIENT

pytestmark = pytest.mark.anyio

SERVICES = 3


def order_id(number):
    return f"order-{number:010}"


@pytest.fixture
async def catalogs(database, database_url, clock):
    """The same catalogue in several processes, as far as the database can tell."""
    databases = [Database("catalog", database_url, PATIENT) for _ in range(SERVICES)]
    yield [CatalogService(one, reserve_for=timedelta(minutes=10), now=clock.now) for one in databases]
    await asyncio.gather(*(one.dispose() for one in databases))


async def _outcomes(calls):
    """How often each outcome came; anything that is no refusal of the shop fails the test."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, ShopError):
            raise result
    names = [result.code if isinstance(result, ShopError) else result.state for result in results]
    return {name: names.count(name) for name in names}


async def test_the_last_pieces_are_never_sold_twice(catalogs, lines, available):
    calls = [catalogs[n % SERVICES].reserve(order_id(n), lines(KIT_001=1)) for n in range(30)]
    assert await _outcomes(calls) == {"reserved": 5, OutOfStock.code: 25}
    assert await available("KIT-001") == 0


async def test_orders_that_need_each_others_products_do_not_block_each_other(catalogs, lines):
    def mixed(n):
        there, back = lines(KIT_002=1, TEA_001=1), lines(TEA_001=1, KIT_002=1)
        return catalogs[n % SERVICES].reserve(order_id(n), there if n % 2 else back)

    assert await _outcomes(mixed(n) for n in range(24)) == {"reserved": 10, OutOfStock.code: 14}


async def test_an_order_that_reserves_many_times_at_once_reserves_once(catalogs, lines, available):
    calls = [catalogs[n % SERVICES].reserve(order_id(0), lines(KIT_002=3)) for n in range(12)]
    assert await _outcomes(calls) == {"reserved": 12}
    assert await available("KIT-002") == 7


async def test_an_order_that_commits_many_times_at_once_sells_once(catalogs, lines, catalog):
    await catalog.reserve(order_id(0), lines(KIT_002=3))
    assert await _outcomes(catalogs[n % SERVICES].commit(order_id(0)) for n in range(12)) == {"committed": 12}
    assert (await catalog.audit()).sold == 3


async def test_commit_and_release_at_once_have_one_winner(catalogs, lines, catalog):
    for n in range(8):
        await catalog.reserve(order_id(n), lines(KIT_002=1))
    calls = [call for n in range(8) for call in (catalogs[0].commit(order_id(n)), catalogs[1].release(order_id(n)))]
    outcomes = await _outcomes(calls)
    audit = await catalog.audit()
    assert outcomes[Conflict.code] == 8
    assert (outcomes.get("committed", 0), audit.reserved, audit.initial) == (audit.sold, 0, audit.on_hand + audit.sold)


async def test_reserve_and_release_at_once_leave_nothing_reserved(catalogs, lines, catalog):
    calls = [
        call
        for n in range(8)
        for call in (catalogs[0].reserve(order_id(n), lines(KIT_002=1)), catalogs[1].release(order_id(n)))
    ]
    outcomes = await _outcomes(calls)
    audit = await catalog.audit()
    assert outcomes["released"] == 8
    assert (audit.open_reservations, audit.reserved) == (0, 0)


async def test_expired_stock_is_given_back_once_while_its_owner_commits(catalogs, lines, catalog, clock):
    for n in range(5):
        await catalog.reserve(order_id(n), lines(KIT_001=1, KIT_002=2))
    clock.expire()
    commits = [catalogs[0].commit(order_id(n)) for n in range(5)]
    others = [catalogs[1 + n % 2].reserve(order_id(10 + n), lines(KIT_002=2, KIT_001=1)) for n in range(5)]
    outcomes = await _outcomes([call for pair in zip(commits, others, strict=True) for call in pair])
    audit = await catalog.audit()
    assert outcomes[OutOfStock.code] == 5
    assert (audit.sold + audit.reserved, audit.on_hand + audit.sold) == (15, audit.initial)
