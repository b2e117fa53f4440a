"""Migrated databases for tests, without a migration for each test."""

import sqlite3
from contextlib import closing
from pathlib import Path

from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate
from twinshop.kit.settings import DatabaseSettings

PATIENT = DatabaseSettings(statement_seconds=120, unit_seconds=120)
"""For tests of what happens in a database, however busy the machine is; kit/tests/test_deadlines.py is about limits."""

_MIGRATED: dict[tuple[Path, ...], bytes] = {}
"""The file of a migrated SQLite database, by the folders of its migrations."""


async def migrate_once(*owners: tuple[Database, Path]) -> None:
    """
    Bring a new database to the newest revision of each owner's folder of migrations.

    The owners share one URL. A SQLite file that does not exist yet is copied from the first one that this process
    migrated; every other database is migrated.
    """
    database, folders = owners[0][0], tuple(versions for _, versions in owners)
    file = Path(str(database.engine.url.database))
    is_new = database.is_sqlite and not file.exists()  # noqa: ASYNC240 - nothing else runs in this loop meanwhile
    if is_new and folders in _MIGRATED:
        file.write_bytes(_MIGRATED[folders])  # noqa: ASYNC240
        return
    for owner, versions in owners:
        await migrate(owner, versions)
    if is_new:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _MIGRATED[folders] = file.read_bytes()  # noqa: ASYNC240
