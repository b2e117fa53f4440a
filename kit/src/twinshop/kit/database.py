"""
A component's database: SQLite files in WAL mode on the local runtime, PostgreSQL under Docker.

Reading and writing are told apart, because SQLite must know before it begins: a transaction that starts as a reader and
then writes fails when another transaction wrote in between.

Every unit of work has a deadline that this side keeps, whatever the other side does: a database that is paused or cut
off answers nothing, so no limit of its own ends a call to it.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import Executable, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.contracts.errors import Unavailable
from twinshop.kit.deadline import Deadline, within
from twinshop.kit.settings import DatabaseSettings
from twinshop.kit.store_state import StoreState

if TYPE_CHECKING:
    from twinshop.kit import sqlite

Answer = TypeVar("Answer")


class Reader(Protocol):
    """
    What a unit of work reads with: one consistent view.

    On SQLite the unit of work runs in the thread of a connection, so it may wait for nothing but its reader.
    """

    is_sqlite: bool

    async def rows(self, statement: Executable | str, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """
        Return the rows, as named tuples.

        A statement that is executed again and again should be one object, and is prepared once. Values are converted by
        the types of a statement of SQLAlchemy; what is written as text gives what the database stores.
        """


class Writer(Reader, Protocol):
    """What a unit of work changes something with, in one transaction. Its statements may be of any kind."""

    async def each(self, statement: Executable, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Execute the statement once with each of the parameters."""


_QUEUES: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""
One queue of writers for each SQLite file, whichever components of the process share it.

SQLite has one writer at a time. Queueing here is fair; its own busy handler sleeps in steps of up to 100 ms.
"""


_SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///(.*\?.*)", re.DOTALL)


def _async_url(url: str) -> URL:
    """Return the URL with the driver used here; users write `sqlite:///file` and `postgresql://host/name`."""
    parsed = make_url(url)
    if (file := _SQLITE_FILE.fullmatch(url)) and "/" in url.rpartition("?")[2]:
        parsed = parsed.set(database=file[1], query={})  # a question mark in the path, not the beginning of options
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername))


def _engine(url: URL, limits: DatabaseSettings) -> AsyncEngine:
    """Import only the driver that is used: importing both would slow down every start."""
    if url.get_backend_name() == "sqlite":
        from twinshop.kit import sqlite  # noqa: PLC0415

        return sqlite.engine(url, limits)
    from twinshop.kit import postgresql  # noqa: PLC0415

    return postgresql.engine(url, limits)


def _units(engine: AsyncEngine, limits: DatabaseSettings) -> "sqlite.Units":
    from twinshop.kit import sqlite  # noqa: PLC0415 - see above

    return sqlite.Units(engine, limits)


class Database:
    """
    Transactions on one database.

    `component` names the owner in errors. Everything that means "the database does not answer" becomes `Unavailable`,
    and so does a unit of work that takes longer than `seconds`, or than `TWINSHOP_DATABASE_UNIT_SECONDS`. Its
    connection is closed then, and not used again.
    """

    def __init__(self, component: str, url: str, limits: DatabaseSettings | None = None) -> None:
        limits = limits or DatabaseSettings()
        self.component = component
        self._seconds = limits.unit_seconds
        self._url = _async_url(url)
        self._state = StoreState(component, "database", [self._url.password or ""])
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.engine = _engine(self._url, limits)
        self._writers = self.engine.execution_options(writes=True)
        self._units = _units(self.engine, limits) if self.is_sqlite else None
        self._queue = _QUEUES.setdefault(str(self._url), asyncio.Lock()) if self.is_sqlite else None

    @asynccontextmanager
    async def read(self, seconds: float | None = None) -> AsyncIterator[AsyncSession]:
        """Open a read-only session: one consistent view, nothing is stored."""
        with self._errors():
            async with self._deadline(seconds), AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session

    async def reading(self, work: Callable[[Reader], Coroutine[Any, Any, Answer]]) -> Answer:
        """Return the result of a unit of work that only reads. On SQLite all of it is one visit to the thread."""
        with self._errors():
            async with self._deadline(None):
                if self._units is not None:
                    return await self._units.read(work)
                async with self.engine.connect() as connection:
                    return await work(_ConnectionReader(connection))

    async def writing(self, work: Callable[[Writer], Coroutine[Any, Any, Answer]]) -> Answer:
        """
        Return the result of a unit of work in one transaction: committed at the end, rolled back on any exception.

        On SQLite all of it is one visit to the thread.
        """
        with self._errors():
            async with self._deadline(None), _held(self._queue):
                if self._units is not None:
                    return await self._units.write(work)
                async with self._writers.begin() as connection:
                    return await work(_ConnectionWriter(connection))

    @asynccontextmanager
    async def write(self, seconds: float | None = None) -> AsyncIterator[AsyncSession]:
        """Open a session in one transaction, committed at the end and rolled back on any exception."""
        with self._errors():
            async with (
                self._deadline(seconds),
                _held(self._queue),
                AsyncSession(self._writers, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    @asynccontextmanager
    async def connection(self, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open a plain connection in one writing transaction, for schema changes."""
        with self._errors():
            async with self._deadline(seconds), _held(self._queue), self._writers.begin() as connection:
                yield connection

    async def ping(self) -> None:
        """Raise Unavailable unless the database answers."""
        with self._errors(), self._state.asked():
            async with self._deadline(None), self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        if self._units is not None:
            await self._units.close()
        await self.engine.dispose()

    def _deadline(self, seconds: float | None) -> Deadline:
        return within(self._seconds if seconds is None else seconds)

    def _errors(self) -> "_Errors":
        return _Errors(self.component, self._state)


class _ConnectionReader:
    """Reads with a connection of SQLAlchemy."""

    is_sqlite = False

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rows(self, statement: Executable | str, parameters: Mapping[str, Any]) -> Sequence[Any]:
        prepared = text(statement) if isinstance(statement, str) else statement
        result = await self._connection.execute(prepared, parameters)
        return result.all() if result.returns_rows else ()


class _ConnectionWriter(_ConnectionReader):
    async def each(self, statement: Executable, parameters: Sequence[Mapping[str, Any]]) -> None:
        if parameters:
            await self._connection.execute(statement, parameters)


class _Errors:
    """Maps the driver's errors, where `raise … from` keeps the cause for the log."""

    def __init__(self, component: str, state: StoreState) -> None:
        self._component = component
        self._state = state

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        gone = isinstance(  # a TimeoutError is an OSError
            error, OperationalError | InterfaceError | PoolTimeoutError | OSError | sqlite3.OperationalError
        )
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
