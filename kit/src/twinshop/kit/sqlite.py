"""SQLite files in WAL mode, through aiosqlite: one thread for each connection."""

import asyncio
import sqlite3
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from twinshop.kit.settings import DatabaseSettings

POOL_SIZE = 4
"""Each has a thread and a page cache: they bound the memory of the process."""
CACHE_KIB = 8192
"""Of each connection, as far as the file has so much: with 2 MB, searches among 100,000 products took twice as long."""


class _Connection(aiosqlite.Connection):
    """A connection that closes without waiting for an abandoned statement: its thread finishes that later."""

    _abandoned = False

    async def _execute(self, fn: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the driver's own
        try:
            return await super()._execute(fn, *arguments, **options)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            self._abandoned = True
            raise

    async def close(self) -> None:
        if self._abandoned:
            self.stop()
        else:
            await super().close()


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
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
