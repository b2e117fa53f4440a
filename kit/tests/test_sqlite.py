"""SQLite in a thread: how often it is visited, and what becomes of transactions."""

import asyncio
import contextlib
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    MetaData,
    String,
    Table,
    bindparam,
    column,
    literal,
    select,
    text,
)

from twinshop.contracts.errors import Unavailable
from twinshop.kit import context, sqlite
from twinshop.kit.columns import UtcDateTime
from twinshop.kit.database import Database
from twinshop.kit.settings import DatabaseSettings

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
async def database(tmp_path):
    database = Database("probe", f"sqlite:///{tmp_path}/x.db")
    async with database.write() as session:
        await session.exec(text("CREATE TABLE t (n)"))
    yield database
    await database.dispose()


@pytest.fixture
def visits(database, monkeypatch):
    """What the request waits for in the connection's thread."""
    del database  # its connection is open
    made, visit = [], sqlite._Connection._execute

    async def counted(self, function, *arguments, **options):
        made.append(getattr(function, "__name__", "a unit of work"))
        return await visit(self, function, *arguments, **options)

    monkeypatch.setattr(sqlite._Connection, "_execute", counted)
    return made


async def numbers(database):
    async with database.read() as session:
        return [row.n for row in await session.exec(text("SELECT n FROM t ORDER BY n"))]


async def test_reading_waits_for_the_thread_once_a_statement(database, visits):
    async with database.read() as session:
        for _ in range(2):
            await session.exec(text("SELECT n FROM t"))

    assert visits == ["_run", "_run"]


async def test_a_unit_of_work_that_reads_is_one_visit(database, visits):
    async def work(reader):
        return [await reader.rows("SELECT :n + 1 AS n", {"n": n}) for n in range(3)]

    assert [rows[0].n for rows in await database.reading(work)] == [1, 2, 3]
    assert visits == ["a unit of work"]


async def test_a_unit_of_work_that_reads_sees_one_state(database, tmp_path):
    async def work(reader):
        before = await reader.rows("SELECT count(*) AS n FROM t", {})
        with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as other, other:
            other.execute("INSERT INTO t VALUES (1)")
        return before, await reader.rows("SELECT count(*) AS n FROM t", {})

    (before,), (after,) = await database.reading(work)
    assert (before.n, after.n) == (0, 0)
    assert await numbers(database) == [1]


async def test_a_unit_of_work_that_reads_and_fails_leaves_the_connection_usable(database, visits):
    async def fails(reader):
        await reader.rows("SELECT n FROM t", {})
        raise Unavailable("no", component="other")

    async def counts(reader):
        return len(await reader.rows("SELECT n FROM t", {}))

    with pytest.raises(Unavailable, match="no"):
        await database.reading(fails)
    assert await database.reading(counts) == 0
    assert visits == ["a unit of work", "a unit of work"]


async def test_a_unit_of_work_that_outlasts_its_database_leaves_no_connection_open(tmp_path, monkeypatch):
    opened = []
    make = sqlite._connection
    monkeypatch.setattr(sqlite, "_connection", lambda open_: opened.append(made := make(open_)) or made)
    database = Database("probe", f"sqlite:///{tmp_path}/y.db", DatabaseSettings())
    begun, may_end = threading.Event(), threading.Event()

    async def slow(reader):
        begun.set()
        may_end.wait()
        return await reader.rows("SELECT 1", {})

    unit = asyncio.create_task(database.reading(slow))
    await asyncio.to_thread(begun.wait)
    await database.dispose()
    may_end.set()

    assert len(await unit) == 1
    assert [connection.is_open for connection in opened] == [False]


async def test_a_unit_of_work_that_reads_waits_for_nothing_else(database):
    async def work(reader):
        del reader
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its database"):
        await database.reading(work)


async def test_a_table_that_is_not_there_is_unavailable_to_who_reads(database):
    with pytest.raises(Unavailable) as refused:
        await database.reading(lambda reader: reader.rows("SELECT * FROM missing", {}))
    assert refused.value.facts == {"component": "probe"}


async def test_a_moment_is_read_as_sqlalchemy_wrote_it(database):
    at = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    moments = Table("m", MetaData(), Column("at", DateTime))
    async with database.write() as session:
        await session.exec(text("CREATE TABLE m (at)"))
        await session.exec(moments.insert().values(at=at.astimezone(UTC)))

    found = await database.reading(lambda reader: reader.rows("SELECT at FROM m WHERE at = :at", {"at": at}))
    assert len(found) == 1


async def test_a_statement_of_sqlalchemy_is_read_with_its_constants(database):
    statement = select(literal(5).label("five"), (bindparam("n") + 1).label("next"))

    (row,) = await database.reading(lambda reader: reader.rows(statement, {"n": 1}))
    assert (row.five, row.next) == (5, 2)


@pytest.fixture
async def things(database):
    """A table of which each column has a type that SQLite stores otherwise."""
    columns = [Column("name", String, primary_key=True), Column("at", UtcDateTime), Column("ready", Boolean)]
    table = Table("thing", MetaData(), *columns, Column("facts", JSON(none_as_null=True)))
    async with database.connection() as connection:
        await connection.run_sync(table.create)
    return table


THING = {"name": "a", "at": datetime(2030, 1, 2, 3, 4, 5, 6, UTC), "ready": True, "facts": {"n": [1]}}
EMPTY = {"name": "b", "at": None, "ready": False, "facts": None}


async def test_values_are_stored_and_read_by_their_types_as_sqlalchemy_does_it(database, things):
    added = things.insert().values({column.name: bindparam(column.name) for column in things.c})
    await database.writing(lambda writer: writer.each(added, [THING, EMPTY]))

    read = select(things).order_by(things.c.name)
    assert [row._asdict() for row in await database.reading(lambda reader: reader.rows(read, {}))] == [THING, EMPTY]
    async with database.read() as session:
        assert [row._asdict() for row in await session.exec(read)] == [THING, EMPTY]


async def test_what_a_change_returns_is_read_by_its_types(database, things):
    async with database.write() as session:
        await session.exec(things.insert().values(**THING))
    later = things.update().values(ready=False).where(things.c.at <= bindparam("now", type_=UtcDateTime))

    (row,) = await database.writing(
        lambda writer: writer.rows(later.returning(things.c.at, things.c.ready), {"now": THING["at"]})
    )
    assert (row.at, row.ready) == (THING["at"], False)


async def test_a_list_is_one_parameter_of_any_length(database):
    await database.writing(lambda writer: add(writer, 1, 2, 3))
    query = select(column("n")).select_from(text("t")).where(column("n").in_(bindparam("wanted", expanding=True)))

    for wanted, found in (([], []), ([2], [2]), ([3, 4, 1], [1, 3])):
        rows = await database.reading(lambda reader, wanted=wanted: reader.rows(query, {"wanted": wanted}))
        assert sorted(row.n for row in rows) == found


async def add(writer, *rows):
    for n in rows:
        await writer.rows("INSERT INTO t VALUES (:n)", {"n": n})


async def test_a_unit_of_work_that_writes_is_one_visit(database, visits):
    await database.writing(lambda writer: add(writer, 1, 2))

    assert visits == ["a unit of work"]
    assert await numbers(database) == [1, 2]


async def test_a_unit_of_work_that_writes_and_fails_leaves_nothing(database):
    async def fails(writer):
        await add(writer, 1)
        raise Unavailable("no", component="other")

    async def waits(writer):
        await add(writer, 2)
        await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="no"):
        await database.writing(fails)
    with pytest.raises(RuntimeError, match="nothing but its database"):
        await database.writing(waits)
    await database.writing(lambda writer: add(writer, 3))
    assert await numbers(database) == [3]


async def test_a_unit_of_work_that_writes_locks_the_file_even_if_it_reads_first(database, tmp_path):
    async def work(writer):
        rows = [row.n for row in await writer.rows("SELECT n FROM t", {})]
        with (
            contextlib.closing(sqlite3.connect(tmp_path / "x.db", timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("INSERT INTO t VALUES (1)")
        return rows

    assert await database.writing(work) == []


async def test_a_unit_of_work_that_is_given_up_commits_nothing(database):
    given_up, may_end = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    async def slow(writer):
        await add(writer, 1)
        loop.call_soon_threadsafe(given_up.set)
        may_end.wait()

    waiting = asyncio.create_task(database.writing(slow))
    await given_up.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    may_end.set()
    await database.writing(lambda writer: add(writer, 2))
    assert await numbers(database) == [2]


async def test_a_unit_of_work_logs_with_the_id_of_its_request(database):
    token = context.request_id.set("of-this-request")

    async def work(writer):
        del writer
        return context.request_id.get()

    assert await database.writing(work) == "of-this-request"
    context.request_id.reset(token)


async def test_writing_waits_for_the_thread_once_a_statement_and_for_the_commit(database, visits):
    async with database.write() as session:
        added = await session.exec(text("INSERT INTO t VALUES (1)"))
        many = await session.exec(text("INSERT INTO t VALUES (:n)"), params=[{"n": 2}, {"n": 3}])

    assert (added.rowcount, many.rowcount) == (1, 2)
    assert visits == ["_run", "_run", "commit"]
    assert await numbers(database) == [1, 2, 3]


@pytest.mark.parametrize("opened", [Database.read, Database.write])
async def test_a_unit_of_work_without_a_statement_visits_nothing(opened, database, visits):
    async with opened(database) as session:
        await session.connection()

    assert visits == []
    assert await numbers(database) == []


async def test_a_failed_unit_of_work_leaves_nothing_and_the_connection_usable(database):
    async def fail():
        async with database.write() as session:
            await session.exec(text("INSERT INTO t VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await numbers(database) == []


async def test_a_reader_sees_one_state_from_its_first_statement_on(database):
    async with database.read() as session:
        before = (await session.exec(text("SELECT count(*) FROM t"))).scalar_one()
        async with database.write() as other:
            await other.exec(text("INSERT INTO t VALUES (1)"))
        after = (await session.exec(text("SELECT count(*) FROM t"))).scalar_one()

    assert before == after == 0
    assert await numbers(database) == [1]


async def test_a_writer_locks_the_file_with_its_first_statement_even_if_that_reads(database, tmp_path):
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None, timeout=0)
    async with database.write() as session:
        await session.exec(text("SELECT n FROM t"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()


async def test_a_transaction_that_cannot_begin_is_unavailable_and_the_next_one_begins(database, tmp_path):
    impatient = Database("probe", f"sqlite:///{tmp_path}/x.db", DatabaseSettings(statement_seconds=0.01))
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        async with impatient.write() as session:
            await session.exec(text("INSERT INTO t VALUES (1)"))
    other.execute("COMMIT")
    other.close()
    async with impatient.write() as session:
        await session.exec(text("INSERT INTO t VALUES (2)"))

    assert await numbers(database) == [2]
    await impatient.dispose()


async def test_a_cancelled_writer_leaves_nothing(database, monkeypatch):
    begun, run = asyncio.Event(), sqlite._Connection.run

    async def slow(self, method, statement, parameters):
        done = await run(self, method, statement, parameters)
        begun.set()
        await asyncio.sleep(60)
        return done

    monkeypatch.setattr(sqlite._Connection, "run", slow)

    async def write():
        async with database.write() as session:
            await session.exec(text("INSERT INTO t VALUES (1)"))

    writing = asyncio.create_task(write())
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    monkeypatch.setattr(sqlite._Connection, "run", run)

    assert await numbers(database) == []
