"""No call to a store lasts longer than its limit, whatever the other side does."""

import asyncio
import contextlib
import sqlite3
import threading
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from twinshop.contracts.errors import Unavailable
from twinshop.kit import app as kit_app
from twinshop.kit import health
from twinshop.kit.component import Component
from twinshop.kit.database import Database
from twinshop.kit.settings import DatabaseSettings, ServerSettings

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
HELLO = (
    b"R\0\0\0\x08\0\0\0\0"  # AuthenticationOk
    b"S\0\0\0\x18server_version\x0017.0\0"
    b"S\0\0\0\x19client_encoding\0UTF8\0"
    b"Z\0\0\0\x05I"  # ReadyForQuery
)
NOTICE = b"N\0\0\x10\0SNOTICE\0Mvery long: " + b"x" * 4000
"""Its first bytes; the rest never comes."""


class Postgres:
    """Lets one in and then does what a paused, cut or broken server does; `came` and `left` are set when one does."""

    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.connections = 0
        self.came, self.left = asyncio.Event(), asyncio.Event()

    async def __call__(self, reader, writer):
        self.connections += 1
        self.came.set()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            if self.behaviour != "is silent":
                size = int.from_bytes(await reader.readexactly(4), "big")
                await reader.readexactly(size - 4)
                writer.write(HELLO)
            if self.behaviour == "drips":
                await reader.readexactly(1)  # the first query
                for byte in NOTICE:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.01)
            while await reader.read(4096):
                pass
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()
        self.left.set()


@asynccontextmanager
async def database_at(behaviour, **limits):
    server = Postgres(behaviour)
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    database = Database("probe", f"postgresql://u@127.0.0.1:{port}/x?sslmode=disable", DatabaseSettings(**limits))
    try:
        yield server, database
    finally:
        await database.dispose()
        listening.close()


async def succeeds(work):
    """Its result, at one of many attempts: a busy machine may need longer than the limit of a test."""
    for _ in range(50):
        with contextlib.suppress(Unavailable):
            return await work()
    return await work()


async def read(database):
    async with database.read() as session:
        await session.exec(text("SELECT 1"))


async def read_as_a_unit(database):
    await database.reading(lambda reader: reader.rows("SELECT 1", {}))


async def write(database):
    async with database.write() as session:
        await session.exec(text("SELECT 1"))


async def write_as_a_unit(database):
    await database.writing(lambda writer: writer.rows("SELECT 1", {}))


async def change_the_schema(database):
    async with database.connection() as connection:
        await connection.execute(text("SELECT 1"))


WORK = {
    work.__name__: work for work in (read, read_as_a_unit, write, write_as_a_unit, change_the_schema, Database.ping)
}


@pytest.mark.parametrize("behaviour", ["is silent", "hangs", "drips"])
@pytest.mark.parametrize("work", WORK)
async def test_a_unit_of_work_ends_in_time_and_its_connection_is_closed(behaviour, work):
    async with database_at(behaviour, unit_seconds=0.3) as (server, database):
        with pytest.raises(Unavailable) as refused:
            await WORK[work](database)
        await server.left.wait()

        assert refused.value.facts == {"component": "probe"}
        assert server.connections == 1, "nobody asks a server that hangs to cancel, and waits for that, too"
        assert database.engine.pool.checkedout() == 0


async def test_who_is_cancelled_while_the_database_hangs_does_not_wait_for_it():
    async with database_at("hangs", unit_seconds=60) as (server, database):
        waiting = asyncio.create_task(database.ping())
        await server.came.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await server.left.wait()


async def test_waiting_for_a_connection_counts(tmp_path):
    database = Database("probe", f"sqlite:///{tmp_path}/x.db", DatabaseSettings(unit_seconds=0.1))
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(database.engine.pool.size()):
            session = await stack.enter_async_context(database.read(60))
            await session.exec(text("SELECT 1"))
        with pytest.raises(Unavailable):
            await database.ping()
    await succeeds(database.ping)
    await database.dispose()


async def test_a_unit_of_work_that_reads_too_long_gives_up_and_the_next_one_reads(tmp_path):
    before = {*threading.enumerate()}
    database = Database("probe", f"sqlite:///{tmp_path}/x.db", DatabaseSettings(unit_seconds=0.1))
    may_end = threading.Event()

    async def slow(reader):
        may_end.wait()
        return await reader.rows("SELECT 1", {})

    for _ in range(5):  # more than there are connections
        with pytest.raises(Unavailable):
            await database.reading(slow)
    assert len(await succeeds(lambda: database.reading(lambda reader: reader.rows("SELECT 1", {})))) == 1

    may_end.set()
    await database.dispose()
    for thread in {*threading.enumerate()} - before:
        await asyncio.to_thread(thread.join)


async def test_a_writer_that_waits_for_another_process_gives_up_and_the_next_one_writes(tmp_path):
    file, before = tmp_path / "x.db", {*threading.enumerate()}
    database = Database("probe", f"sqlite:///{file}", DatabaseSettings(unit_seconds=0.1, statement_seconds=60))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("CREATE TABLE t (n)")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        async with database.write() as session:
            await session.exec(text("INSERT INTO t VALUES (1)"))
    other.execute("COMMIT")
    async with database.write(60) as session:
        await session.exec(text("INSERT INTO t VALUES (2)"))

    assert other.execute("SELECT n FROM t").fetchall() == [(2,)]
    other.close()
    await database.dispose()
    for thread in {*threading.enumerate()} - before:  # that of the first writer ends when it notices that it may write
        await asyncio.to_thread(thread.join)


async def test_a_writer_that_waits_for_another_of_its_process_gives_up_too(tmp_path):
    database = Database("probe", f"sqlite:///{tmp_path}/x.db", DatabaseSettings(unit_seconds=0.1))
    async with database.write(60) as session:
        await session.exec(text("SELECT 1"))
        with pytest.raises(Unavailable):
            async with database.write():
                pytest.fail("there are two writers")
    await database.dispose()


async def test_readiness_does_not_wait_for_a_database_that_hangs(monkeypatch):
    monkeypatch.setattr(health, "READY_SECONDS", 0.1)
    async with database_at("hangs", unit_seconds=60) as (server, database):
        component = Component("probe", None, APIRouter, contextlib.nullcontext, database.ping)
        app = kit_app.create_app([component], ServerSettings(), title="Probe")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            answer = await client.get("/readyz")
        await server.left.wait()

    assert (answer.status_code, answer.json()["components"]) == (503, {"probe": "does not answer"})
