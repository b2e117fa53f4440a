"""Stopping a schedule of random faults."""

import asyncio

import pytest

from twinshop.lab.control import schedule
from twinshop.lab.control.schedule import Schedule

pytestmark = pytest.mark.anyio


async def test_a_schedule_that_waits_stops_at_once():
    running = Schedule(1, [("crash", "cart")], plant=None)
    running.start()
    await asyncio.sleep(0)
    await running.stop()


async def test_what_ended_a_schedule_is_told_by_whoever_stops_it(monkeypatch):
    monkeypatch.setattr(schedule, "PAUSE_SECONDS", (0.0, 0.0))
    tried = asyncio.Event()

    async def plant(kind, component, hold):
        tried.set()
        raise ConnectionError(f"no way to {component} for a {kind} of {hold} s")

    running = Schedule(1, [("crash", "cart")], plant)
    running.start()
    await tried.wait()
    with pytest.raises(ConnectionError, match="no way to cart"):
        await running.stop()
