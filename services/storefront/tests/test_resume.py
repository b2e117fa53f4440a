"""Looking for unfinished orders in the background must not keep a store front from stopping."""

import asyncio
from types import SimpleNamespace

import pytest

from twinshop.storefront.orders.resume import resuming

pytestmark = pytest.mark.anyio


class Ledger:
    """A payment component that is asked for unfinished orders, and takes its time to let go."""

    def __init__(self):
        self.asked, self.told, self.let_go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def claim(self, limit):
        assert limit > 0
        self.asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.told.set()
            await self.let_go.wait()
            raise


async def run(ledger, leave):
    async with resuming(SimpleNamespace(payments=ledger), 3600):
        await leave.wait()


@pytest.fixture
async def stopping():
    """A store front that was told to stop while it asks its ledger: its task, and the ledger."""
    ledger, leave = Ledger(), asyncio.Event()
    running = asyncio.create_task(run(ledger, leave))
    await ledger.asked.wait()
    leave.set()
    await ledger.told.wait()
    return running, ledger


async def test_a_store_front_that_stops_waits_until_nothing_is_under_way(stopping):
    running, ledger = stopping
    assert not running.done()
    ledger.let_go.set()
    await running


async def test_a_store_front_that_is_cancelled_while_it_stops_is_cancelled(stopping):
    running, ledger = stopping
    running.cancel()
    ledger.let_go.set()
    await asyncio.wait({running})
    assert running.cancelled()
