"""Every revision of a schema can be applied to a shop in use: to tables that have rows."""

import shutil
import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

from twinshop.contracts.components import WITH_DATABASE
from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate
from twinshop.testing.databases import PATIENT

pytestmark = pytest.mark.anyio


def folder_of(component):
    return Path(import_module(f"twinshop.{component}").__path__[0]) / "migrations" / "versions"


def newest(component, revisions, folder):
    """A folder with the first of a component's revisions."""
    folder.mkdir()
    for file in sorted(folder_of(component).glob("[0-9]*_*.py"))[:revisions]:
        shutil.copy(file, folder)
    return folder


def put_a_row_into_every_table(path, component):
    """Into those of the component. What the values mean does not matter here, so that constraints are not checked."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        tables = (
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"  # none of a search engine
        )
        for (table,) in connection.execute(tables).fetchall():
            if not table.startswith(f"{component}_") or table == f"{component}_revision":
                continue
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            row = {name: 1 if "INT" in kind else "x" for _, name, kind, is_required, *_ in columns if is_required}
            places = ", ".join("?" * len(row))
            statement = f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({places})"
            connection.execute(statement, list(row.values()))


@pytest.mark.parametrize(
    ("component", "revision"),
    [
        pytest.param(component, number, id=f"{component}-{file.stem}")
        for component in WITH_DATABASE
        for number, file in enumerate(sorted(folder_of(component).glob("[0-9]*_*.py")))
        if number
    ],
)
async def test_a_revision_can_be_applied_to_tables_with_rows(component, revision, tmp_path):
    """A column that may not be null needs a `server_default`: docs/changing.md."""
    path = tmp_path / "shop.db"
    database = Database(component, f"sqlite:///{path}", PATIENT)
    try:
        await migrate(database, newest(component, revision, tmp_path / "before"))
        put_a_row_into_every_table(path, component)

        await migrate(database, newest(component, revision + 1, tmp_path / "after"))
    finally:
        await database.dispose()
