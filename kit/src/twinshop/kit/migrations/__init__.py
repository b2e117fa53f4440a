"""
Schema changes by Alembic, run once under a lock.

A component whose account may create tables runs them when it starts, as on SQLite. Where it may not, since the tables
belong to another account, it waits until `python -m twinshop.<component> migrate` has run them as their owner.

A revision only adds to what the version before reads and writes, because replicas of both run side by side during a
rollout. What only the version before used is dropped by a revision of the version after.

A component keeps its revisions in a package folder, as files named `NNNN_what.py` whose `revision` is `NNNN`. The table
that notes the revision is the component's own, so that several components can share one database.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from twinshop.contracts.errors import Unavailable
from twinshop.kit.database import Database
from twinshop.kit.migrations.waiting import PAUSE_SECONDS, WAIT_SECONDS, until_it_answers

_ADVISORY_LOCK = 7_246_851
"""Any number: the PostgreSQL lock that those who migrate take in turn. SQLite's write transaction is a lock already."""

MIGRATION_SECONDS = 60


def _head(versions: Path) -> str:
    return max(path.name.partition("_")[0] for path in versions.glob("[0-9]*_*.py"))


def _current(connection: Connection, table: str) -> str | None:
    if not inspect(connection).has_table(table):
        return None
    return connection.execute(text(f"SELECT version_num FROM {table}")).scalar()  # noqa: S608 - a name of ours


def _upgrade(connection: Connection, versions: Path, table: str) -> bool:
    """Return whether the tables are at the newest revision now; False if this account may not change them."""
    current = _current(connection, table)
    if current is not None and current >= _head(versions):
        return True  # a newer one, too: during a rollout, replicas of the version before may start once more
    if connection.dialect.name != "sqlite" and not _may_create(connection):
        return False
    # Imported only when there is something to do: Alembic takes 0.2 s to import, which every later start would pay.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # As Alembic reads its options: a percent sign begins a reference, and a colon would part two paths.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, version_table=table)
    command.upgrade(config, "head")
    return True


def _may_create(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT has_schema_privilege(current_schema(), 'CREATE')")).scalar())


async def _upgraded(database: Database, versions: Path, table: str) -> bool:
    async with database.connection(2 * MIGRATION_SECONDS) as connection:
        if not database.is_sqlite:
            # A change of the schema may take longer than a visitor's question, and so may those who come before us.
            for limit in ("statement_timeout", "lock_timeout"):
                await connection.execute(text(f"SET LOCAL {limit} = '{MIGRATION_SECONDS}s'"))
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        return await connection.run_sync(_upgrade, versions, table)


async def migrate(database: Database, versions: Path, seconds: float = WAIT_SECONDS) -> None:
    """
    Bring the component's tables to the newest revision found in the folder `versions`.

    An account that may not create tables waits up to `seconds` for their owner to do so.

    Raises:
        Unavailable: the database does not answer, though it was waited for, or refuses; or it is not migrated in time.
    """
    table = f"{database.component}_revision"
    if not database.is_sqlite:
        await until_it_answers(database)
    end = time.monotonic() + seconds
    while not await _upgraded(database, versions, table):
        if time.monotonic() > end:
            raise Unavailable(
                f"The database of the {database.component} component is not at revision {_head(versions)}, and this "
                f"account may not change its tables: run `python -m twinshop.{database.component} migrate` as their "
                "owner.",
                component=database.component,
            )
        await asyncio.sleep(PAUSE_SECONDS)


@asynccontextmanager
async def migrated(database: Database, versions: Path) -> AsyncIterator[None]:
    """Migrate the database (see `migrate`), and close it at the end of the block."""
    try:
        await migrate(database, versions)
        yield
    finally:
        await database.dispose()


def run(upgrade: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the command `migrate` of a program. Exits with a message if the upgrade is impossible."""
    try:
        asyncio.run(upgrade())
    except Unavailable as error:
        cause = f"\n{error.__cause__}" if error.__cause__ else ""
        sys.exit(f"{error.detail}{cause}")
