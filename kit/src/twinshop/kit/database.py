"""
A component's database: SQLite files in WAL mode on the local runtime, PostgreSQL under Docker.

Reading and writing are told apart, because SQLite must know before it begins: a transaction that starts as a reader and
then writes fails when somebody else wrote in between.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.contracts.errors import Unavailable
from twinshop.kit.store_state import StoreState

LOCK_SECONDS = 5
"""How long a statement waits for another writer."""
CONNECT_SECONDS = 2
STATEMENT_SECONDS = 5
POOL_SIZE = 10

_QUEUES: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""
One queue of writers for each SQLite file, whichever components of the process share it.

SQLite has one writer at a time. Queueing here is fair; its own busy handler sleeps in steps of up to 100 ms.
"""


_SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///(.*\?.*)", re.DOTALL)


def _async_url(url: str) -> URL:
    """The URL with the driver used here: users write `sqlite:///file` and `postgresql://host/name`."""
    parsed = make_url(url)
    if (file := _SQLITE_FILE.fullmatch(url)) and "/" in url.rpartition("?")[2]:
        parsed = parsed.set(database=file[1], query={})  # a question mark in the path, not the beginning of options
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername))


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        return create_async_engine(url, connect_args={"timeout": LOCK_SECONDS}, pool_size=POOL_SIZE)
    options = f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s -c timezone=UTC"
    return create_async_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,  # a restarted database costs one round trip here, not a failed request
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options},
    )


class Database:
    """
    Transactions on one database.

    `component` names the owner in errors. Everything that means "the database does not answer" becomes `Unavailable`.
    """

    def __init__(self, component: str, url: str) -> None:
        self.component = component
        self._url = _async_url(url)
        self._state = StoreState(component, "database", [self._url.password or ""])
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.engine = _engine(self._url)
        self._writers = self.engine.execution_options(writes=True)
        self._queue = _QUEUES.setdefault(str(self._url), asyncio.Lock()) if self.is_sqlite else None
        if self.is_sqlite:
            _prepare_sqlite(self.engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading: one consistent view, nothing is kept."""
        with self._errors():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: committed at the end, rolled back on any exception."""
        with self._errors():
            async with (
                _held(self._queue),
                AsyncSession(self._writers, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection in one writing transaction, for schema changes."""
        with self._errors():
            async with _held(self._queue), self._writers.begin() as connection:
                yield connection

    async def ping(self) -> None:
        """Raise Unavailable unless the database answers."""
        with self._errors(), self._state.asked():
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        await self.engine.dispose()

    def _errors(self) -> "_Errors":
        return _Errors(self.component, self._state)


class _Errors:
    """Maps the driver's errors, where `raise … from` keeps the cause for the log."""

    def __init__(self, component: str, state: StoreState) -> None:
        self._component = component
        self._state = state

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        gone = isinstance(error, OperationalError | InterfaceError | PoolTimeoutError | OSError)
        if error is None:
            self._state.answered()
        if gone or (isinstance(error, DBAPIError) and error.connection_invalidated):
            assert error is not None
            self._state.failed(error)
            detail = f"The database of the {self._component} component does not answer."
            raise Unavailable(detail, component=self._component) from error


@asynccontextmanager
async def _held(lock: asyncio.Lock | None) -> AsyncIterator[None]:
    if lock is None:
        yield
        return
    async with lock:
        yield


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """Take transactions into our own hands: the driver would begin them too late and end them too early."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:  # noqa: ANN401 - the driver's adapter
        del record
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Any) -> None:  # noqa: ANN401
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
