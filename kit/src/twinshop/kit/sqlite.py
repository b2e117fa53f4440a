"""
SQLite files in WAL mode, through aiosqlite: one thread for each connection.

Each visit to that thread costs two wake-ups, which is more than most statements of the shop do. aiosqlite makes a
visit for each of cursor, statement, rows and close; here one visit does all of them, and begins the transaction first.
A unit of work is a single visit (`Units`), and goes past SQLAlchemy's sessions, pool, connections and results, which
cost several times as much as such statements. A statement that is built with SQLAlchemy is compiled once.
"""

import asyncio
import json
import re
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextvars import copy_context
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple, Self, TypeVar

import aiosqlite
from sqlalchemy import BindParameter, Executable, event
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from twinshop.kit.settings import DatabaseSettings

READING, WRITING = "BEGIN", "BEGIN IMMEDIATE"
POOL_SIZE = 4
"""Each has a thread and a page cache: they bound the memory of the process."""
CACHE_KIB = 8192
"""Of each connection, as far as the file has so much: with 2 MB, searches among 100,000 products took twice as long."""

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"cache_size=-{CACHE_KIB}")
"""Of each connection."""

Answer = TypeVar("Answer")


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

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    @property
    def driver(self) -> sqlite3.Connection:
        """To be used in the connection's thread."""
        return self._conn

    async def visit(self, function: Callable[[], Answer]) -> Answer:
        """Return the result of a function that is called in the connection's thread."""
        answer: Answer = await self._execute(function)
        return answer

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


def _connection(open_: Callable[[], sqlite3.Connection]) -> _Connection:
    connection = _Connection(open_, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with those that it makes itself
    return connection


def _for_sqlalchemy(*arguments: Any, **options: Any) -> _Connection:  # noqa: ANN401 - the driver's own
    return _connection(lambda: sqlite3.connect(*arguments, **options))


def engine(url: URL, limits: DatabaseSettings) -> AsyncEngine:
    made = create_async_engine(
        url,
        connect_args={"timeout": limits.statement_seconds, "async_creator_fn": _for_sqlalchemy},
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
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Any) -> None:  # noqa: ANN401
        writes = connection.get_execution_options().get("writes", False)
        connection.connection.driver_connection.begin = WRITING if writes else READING


class _Unit:
    """Whether the one who asked for a unit of work still waits for it."""

    abandoned = False


class Units:
    """Connections for units of work: each is a single visit to the connection's thread."""

    def __init__(self, engine: AsyncEngine, limits: DatabaseSettings) -> None:
        (self._file,), self._options = engine.dialect.create_connect_args(engine.url)
        self._seconds = limits.statement_seconds
        self._idle: list[_Connection] = []
        self._free = asyncio.Semaphore(POOL_SIZE)
        self._closed = False

    async def read(self, work: Callable[["Reader"], Coroutine[Any, Any, Answer]]) -> Answer:
        """Return the result of work that only reads."""
        return await self._run(
            lambda connection, unit: _transaction(connection, unit, READING, work(Reader(connection)))
        )

    async def write(self, work: Callable[["Writer"], Coroutine[Any, Any, Answer]]) -> Answer:
        """Return the result of work in one transaction, committed at its end."""
        return await self._run(
            lambda connection, unit: _transaction(connection, unit, WRITING, work(Writer(connection)))
        )

    async def _run(self, work: Callable[[sqlite3.Connection, _Unit], Answer]) -> Answer:
        """Work that is abandoned commits nothing, and takes its connection along."""
        async with self._free:
            unit, context = _Unit(), copy_context()  # what it logs is of the same request
            connection = self._idle.pop() if self._idle else _connection(self._open)
            if not connection.is_open:
                await connection
            try:
                answer = await connection.visit(partial(context.run, work, connection.driver, unit))
            except Exception:
                await self._give_back(connection)
                raise
            except BaseException:  # no caller waits any more
                unit.abandoned = True
                connection.stop()
                raise
            await self._give_back(connection)
            return answer

    async def close(self) -> None:
        """Close the idle connections now, and each of the others as soon as its unit of work is done."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()

    async def _give_back(self, connection: _Connection) -> None:
        self._idle.append(connection)
        if self._closed:
            await self.close()

    def _open(self) -> sqlite3.Connection:
        """In the connection's thread."""
        connection = sqlite3.connect(self._file, timeout=self._seconds, isolation_level=None, **self._options)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection


class Reader:
    """Reads in the connection's thread: what it is awaited for has been done."""

    is_sqlite = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def rows(self, statement: Executable | str, parameters: Mapping[str, Any]) -> Sequence[Any]:
        if isinstance(statement, str):
            return self.fetched(statement, {name: _stored(value) for name, value in parameters.items()})
        prepared = _prepared(statement)
        return prepared.loaded(self.fetched(prepared.sql, prepared.stored(parameters)))

    def fetched(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rows of a statement that is written as the driver wants it."""
        cursor = self._connection.execute(statement, parameters)
        if cursor.description is None:
            return ()
        kind = _kind(tuple(column[0] for column in cursor.description))
        return [*map(kind._make, cursor.fetchall())]


class Writer(Reader):
    async def each(self, statement: Executable, parameters: Sequence[Mapping[str, Any]]) -> None:
        prepared = _prepared(statement)
        for values in parameters:
            self.fetched(prepared.sql, prepared.stored(values))


def _transaction(connection: sqlite3.Connection, unit: _Unit, begin: str, work: Coroutine[Any, Any, Answer]) -> Answer:
    """The result of work in one transaction, in the connection's thread."""
    try:
        connection.execute(begin)
        answer = _finished(work)
        if unit.abandoned:
            raise asyncio.CancelledError  # no caller waits for it
        connection.commit()
    finally:
        work.close()
        connection.rollback()  # unless it is committed
    return answer


def _finished(work: Coroutine[Any, Any, Answer]) -> Answer:
    """The result of work that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    raise RuntimeError("a unit of work may wait for nothing but its database")


_DIALECT = SQLiteDialect(paramstyle="named")
_EXPANDED = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
"""Where SQLAlchemy would put as many parameters as a list has values."""


class _Prepared:
    """
    A statement of SQLAlchemy as SQL whose parameters have its names.

    Values are converted by their types, as SQLAlchemy would do it. A list is one parameter, so that its length does not
    change the statement.
    """

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        self.sql = _EXPANDED.sub(r"SELECT value FROM json_each(:\1)", compiled.string)
        self._converters = {name: _converter(bind) for name, bind in compiled.binds.items()}
        constants = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
        self._constants: dict[str, Any] = {}
        self._constants = self.stored(constants)
        loaders = (
            column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
            for column in getattr(statement, "exported_columns", ())
        )
        self._loaders = [(place, load) for place, load in enumerate(loaders) if load is not None]

    def stored(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        converters = self._converters
        return self._constants | {name: converters[name](value) for name, value in parameters.items()}

    def loaded(self, rows: Sequence[Any]) -> Sequence[Any]:
        if not self._loaders:
            return rows
        return [self._row(row) for row in rows]

    def _row(self, row: Any) -> Any:  # noqa: ANN401 - a named tuple
        values = [*row]
        for place, load in self._loaders:
            values[place] = load(values[place])
        return row._make(values)


_prepared = lru_cache(maxsize=512)(_Prepared)


def _converter(parameter: BindParameter[Any]) -> Callable[[Any], Any]:
    if parameter.expanding:
        return lambda values: json.dumps([*values])
    return parameter.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) or _stored


@lru_cache(maxsize=512)
def _kind(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - a class made here
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 - the names come from a statement


def _stored(value: object) -> object:
    """A moment as SQLAlchemy stores it in this database: in UTC, as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value
