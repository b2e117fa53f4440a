"""Deadlines that share a timer."""

import asyncio

import pytest
import uvloop

from twinshop.kit import deadline
from twinshop.kit.deadline import Deadline, within

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
LONG = 60


@pytest.fixture(
    params=[
        pytest.param(("asyncio", {}), id="asyncio"),
        pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
    ]
)
def anyio_backend(request):
    return request.param


async def never():
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("seconds", [0.01, 0, -1])
async def test_what_lasts_longer_is_cancelled(seconds):
    with pytest.raises(TimeoutError):
        async with within(seconds):
            await never()
    assert asyncio.current_task().cancelling() == 0


async def test_what_ends_in_time_is_left_alone():
    async with within(0.01):
        pass
    async with within(LONG):
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.01)


async def test_an_error_inside_is_that_error():
    with pytest.raises(KeyError):
        async with within(LONG):
            raise KeyError


async def test_an_earlier_deadline_counts_though_it_was_set_later():
    async with within(LONG):
        with pytest.raises(TimeoutError):
            async with within(0.01):
                await never()


async def test_the_outer_of_two_deadlines_is_the_outer_ones():
    async def inner():
        async with within(LONG):
            await never()

    with pytest.raises(TimeoutError):
        async with within(0.01):
            await inner()


async def test_a_task_that_is_cancelled_from_outside_is_cancelled():
    begun = asyncio.Event()

    async def work():
        async with within(LONG):
            begun.set()
            await never()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_is_cancelled_as_its_deadline_passes_stays_cancelled():
    begun = asyncio.Event()
    limits = []

    async def work():
        async with within(LONG) as limit:
            limits.append(limit)
            begun.set()
            await never()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    limits[0].expire()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_many_deadlines_each_end_their_own_task():
    async def work(seconds):
        try:
            async with within(seconds):
                await asyncio.sleep(0.1)
        except TimeoutError:
            return "late"
        return "in time"

    ended = await asyncio.gather(*(work(0.01 if number % 3 else LONG) for number in range(30)))
    assert ended == ["late" if number % 3 else "in time" for number in range(30)]


async def test_deadlines_that_are_kept_share_one_timer(monkeypatch):
    monkeypatch.setattr(deadline, "_clock", None)
    clock = deadline._clock_of(asyncio.get_running_loop())
    timers = set()
    for _ in range(100):
        async with within(LONG):
            timers.add(clock._timer)

    assert len(timers) == 1
    clock._look()  # its deadline is not due, but all are over
    assert (clock._deadlines, clock._timer) == ([], None)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_each_event_loop_has_deadlines_of_its_own(run):
    async def main():
        with pytest.raises(TimeoutError):
            async with within(0.01):
                await never()
        async with within(LONG):
            pass

    for _ in range(2):
        run(main())


def test_outside_a_task_there_is_nothing_to_cancel():
    async def enter():
        await Deadline(0).__aenter__()

    loop = asyncio.new_event_loop()
    try:
        failed = []

        def call():
            try:
                enter().send(None)
            except RuntimeError as error:
                failed.append(error)
            loop.stop()

        loop.call_soon(call)
        loop.run_forever()
    finally:
        loop.close()

    assert failed
