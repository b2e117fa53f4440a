"""Why a store is unavailable is in the log, once for each change and without secrets."""

import asyncio
import logging
import socket

import pytest

from twinshop.contracts.errors import Unavailable
from twinshop.kit.database import Database
from twinshop.kit.store_state import LONGEST, PAUSE_SECONDS, StoreState


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def told(caplog):
    """The messages of the store's state and their facts."""
    caplog.set_level(logging.INFO)
    return lambda: [record for record in caplog.records if record.name == "twinshop.kit.store_state"]


def test_a_failure_is_told_once_and_so_is_the_return(clock, told):
    state = StoreState("cart", "redis", now=clock)
    for _ in range(3):
        state.failed(ConnectionError("connection refused"))
    clock.seconds = 12.5
    for _ in range(3):
        state.answered()

    away, back = told()
    assert (away.levelname, away.component, away.store) == ("WARNING", "cart", "redis")
    assert away.reason == "ConnectionError: connection refused"
    assert (back.levelname, back.component, back.seconds) == ("INFO", "cart", 12.5)


def test_the_next_failure_is_told_again(clock, told):
    state = StoreState("cart", "redis", now=clock)
    for second in (0.0, PAUSE_SECONDS):
        clock.seconds = second
        state.failed(OSError())
        state.answered()
    assert len(told()) == 4


def test_a_store_that_fails_and_answers_in_turn_does_not_flood_the_log(clock, told):
    state = StoreState("cart", "redis", now=clock)
    for step in range(100):
        clock.seconds = step / 100 * PAUSE_SECONDS
        state.failed(OSError())
        state.answered()
    assert len(told()) == 2


def test_a_store_that_answers_from_the_first_is_not_told_of(clock, told):
    StoreState("cart", "redis", now=clock).answered()
    assert told() == []


@pytest.mark.parametrize("shown", ["p@ss/word", "p%40ss%2Fword"])
def test_a_password_is_not_told_in_either_form(clock, told, shown):
    state = StoreState("cart", "redis", ["p@ss/word", ""], now=clock)
    state.failed(ValueError(f"cannot read redis://:{shown}@redis:6379"))
    assert told()[0].reason == "ValueError: cannot read redis://:***@redis:6379"


def test_only_the_first_line_is_told_and_no_more_than_fits(clock, told):
    """Below it SQLAlchemy shows the statement with its values."""
    StoreState("payment", "database", now=clock).failed(OSError("x" * 1000 + "\n[parameters: ('Ada', '4242')]"))
    assert len(told()[0].reason) == LONGEST
    assert "Ada" not in told()[0].reason


@pytest.mark.anyio
@pytest.mark.integration
async def test_a_database_that_does_not_answer_is_told_with_the_drivers_reason(told):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        database = Database("payment", f"postgresql://shop:hunter2@127.0.0.1:{nobody.getsockname()[1]}/shop")
        for _ in range(2):
            with pytest.raises(Unavailable):
                await database.ping()
        await database.dispose()

    (away,) = told()
    assert (away.component, away.store) == ("payment", "database")
    assert "refused" in away.reason
    assert "hunter2" not in away.reason


@pytest.mark.anyio
async def test_a_store_that_hangs_is_told_when_the_check_gives_up(clock, told):
    state = StoreState("payment", "database", now=clock)

    async def ask():
        with state.asked():
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(), 0.01)
    assert told()[0].reason == "TimeoutError: no answer in the time that a readiness check has"


@pytest.mark.anyio
async def test_a_database_that_is_back_is_told(told, tmp_path):
    folder = tmp_path / "data"
    database = Database("catalog", f"sqlite:///{folder}/catalog.db")
    with pytest.raises(Unavailable):
        await database.ping()
    folder.mkdir()
    await database.ping()
    await database.ping()
    await database.dispose()

    away, back = told()
    assert "unable to open database file" in away.reason
    assert back.getMessage() == "the store answers again"
