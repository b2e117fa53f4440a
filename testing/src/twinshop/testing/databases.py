"""Migrated and filled databases for tests, without a migration for each test."""

import sqlite3
from collections.abc import Awaitable, Callable, Hashable
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate
from twinshop.kit.settings import DatabaseSettings

PATIENT = DatabaseSettings(statement_seconds=120, unit_seconds=120)
"""For tests of what happens in a database, however busy the machine is; kit/tests/test_deadlines.py is about limits."""

_FILLED: dict[Hashable, bytes] = {}
"""The files of SQLite databases, by what they hold."""
_SCHEMAS: dict[tuple[str, tuple[Path, ...]], str] = {}
"""What the schema of a PostgreSQL database is after migrations of this process, by its URL and their folders."""
_SCHEMA = """
    SELECT md5(string_agg(format('%s %s %s', relname, attname, atttypid), ',' ORDER BY relname, attnum))
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND attnum > 0 AND NOT attisdropped
"""
_TABLES_WITH_ROWS = """
    SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT LIKE '%\\_revision'
"""


async def drop_everything(database: Database) -> None:
    """Leave a PostgreSQL database without tables; a SQLite file is a test's own and new."""
    if database.is_sqlite:
        return
    async with database.connection() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))


async def migrate_once(*owners: tuple[Database, Path]) -> None:
    """
    Make a database that has the newest revision of each owner's folder of migrations, and not a single row.

    The owners share one URL. A SQLite file that does not exist yet is copied from the first one that this process
    migrated; a PostgreSQL database that still has the tables of an earlier migration is emptied of its rows.
    """
    database, folders = owners[0][0], tuple(versions for _, versions in owners)
    if database.is_sqlite:

        async def migrate_all() -> None:
            for owner, versions in owners:
                await migrate(owner, versions)

        await fill_once(Path(str(database.engine.url.database)), folders, migrate_all)
        return
    known = _SCHEMAS.get(key := (str(database.engine.url), folders))
    async with database.connection() as connection:
        if known is not None and known == (await connection.execute(text(_SCHEMA))).scalar():
            tables = (await connection.execute(text(_TABLES_WITH_ROWS))).scalar_one()
            await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
            return
    await drop_everything(database)
    for owner, versions in owners:
        await migrate(owner, versions)
    async with database.connection() as connection:
        _SCHEMAS[key] = (await connection.execute(text(_SCHEMA))).scalar_one()


async def fill_once(file: Path, contents: Hashable, fill: Callable[[], Awaitable[None]]) -> None:
    """
    Fill a SQLite database, or copy the first one that this process filled with the same contents.

    A file that exists already is filled as it is.

    Args:
        file: of the database; connections to it may be open, but no transaction.
        contents: stands for what the database holds afterwards.
        fill: makes the database.
    """
    is_new = not file.exists()  # noqa: ASYNC240 - nothing else runs in this loop meanwhile
    if is_new and contents in _FILLED:
        file.write_bytes(_FILLED[contents])  # noqa: ASYNC240
        return
    await fill()
    if is_new:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _FILLED[contents] = file.read_bytes()  # noqa: ASYNC240
