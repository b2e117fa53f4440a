"""
SQLite files in WAL mode, through aiosqlite: one thread for each connection.

Each visit to that thread costs two wake-ups, which is more than most statements of the shop do. aiosqlite makes a
visit for each of cursor, statement, rows and close; here one visit does all of them, and begins the transaction first.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from twinshop.kit.settings import DatabaseSettings

READING, WRITING = "BEGIN", "BEGIN IMMEDIATE"
POOL_SIZE = 4
"""Each has a thread and a page cache: they bound the memory of the process."""
CACHE_KIB = 8192
"""Of each connection, as far as the file has so much: with 2 MB, searches among 100,000 products took twice as long."""


class _Connection(aiosqlite.Connection):
    """
    A connection that closes without waiting for an abandoned statement: its thread finishes that later.

    `begin` says how the transaction that SQLAlchemy has begun is to begin: with its first statement.
    """

    _abandoned = False
    begin: str | None = None
    _begun: str | None = None

    async def _execute(self, fn: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the driver's own
        try:
            return await super()._execute(fn, *arguments, **options)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            self._abandoned = True
            raise

    def cursor(self) -> "_Cursor":  # type: ignore[override] # SQLAlchemy asks for no more than this one has
        return _Cursor(self)

    async def run(self, method: str, statement: str, parameters: Any) -> "_Done":  # noqa: ANN401 - the driver's own
        """Begin the transaction if that is due, execute the statement and fetch what it found: one visit."""
        begin, self.begin = self.begin, None
        if begin is not None:
            self._begun = begin
        done: _Done = await self._execute(_run, self._conn, begin, method, statement, parameters)
        return done

    async def commit(self) -> None:
        self.begin = None
        if self._begun is not None:
            await super().commit()
            self._begun = None

    async def rollback(self) -> None:
        """The end of a transaction that has only read is not waited for: what is asked next waits in the same queue."""
        begun, self._begun, self.begin = self._begun, None, None
        if begun == READING:
            self._tx.put_nowait((None, self._conn.rollback))
        elif begun == WRITING:
            await super().rollback()

    async def close(self) -> None:
        if self._abandoned:
            self.stop()
        else:
            await super().close()


class _Done(NamedTuple):
    """What a statement has done."""

    description: Any
    rows: list[Any]
    rowcount: int
    lastrowid: int | None


def _run(
    connection: sqlite3.Connection,
    begin: str | None,
    method: str,
    statement: str,
    parameters: Any,  # noqa: ANN401 - the driver's own
) -> _Done:
    """In the connection's thread."""
    if begin is not None:
        connection.execute(begin)
    cursor = connection.cursor()
    try:
        getattr(cursor, method)(statement, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return _Done(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


class _Cursor:
    """What SQLAlchemy's adapter for asyncio needs of a cursor; all rows are fetched with the statement, as it does."""

    arraysize = 1
    _done = _Done(None, [], -1, None)

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        self._done = await self._connection.run("execute", statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        self._done = await self._connection.run("executemany", statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._done.rows

    async def close(self) -> None:
        """It is closed: its statement has been."""

    @property
    def description(self) -> Any:  # noqa: ANN401 - the driver's own
        return self._done.description

    @property
    def rowcount(self) -> int:
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid


def _connection(*arguments: Any, **options: Any) -> aiosqlite.Connection:  # noqa: ANN401 - the driver's own
    connection = _Connection(lambda: sqlite3.connect(*arguments, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with those that it makes itself
    return connection


def engine(url: URL, limits: DatabaseSettings) -> AsyncEngine:
    made = create_async_engine(
        url,
        connect_args={"timeout": limits.statement_seconds, "async_creator_fn": _connection},
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=limits.unit_seconds,
    )
    _prepare(made)
    return made


def _prepare(engine: AsyncEngine) -> None:
    """Take transactions into our own hands: the driver would begin them too late and end them too early."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:  # noqa: ANN401 - the driver's adapter
        del record
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"cache_size=-{CACHE_KIB}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Any) -> None:  # noqa: ANN401
        writes = connection.get_execution_options().get("writes", False)
        connection.connection.driver_connection.begin = WRITING if writes else READING
