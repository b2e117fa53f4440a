"""A checkout may lie in a folder of any name. The tests of the local runtime use one with many odd characters."""

import asyncio

import pytest
from sqlalchemy import text

from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate
from twinshop.lab.environments.docker.compose_file import compose
from twinshop.lab.shapes import parse
from twinshop.testing.groupings import grouping

pytestmark = pytest.mark.integration

NAMES = [
    "it's",
    "a:b",
    "a?b",
    "a#b",
    "a$b",
    "a${HOME}b",
    "a b",
    "a;b",
    "a,b",
    "a=b",
    "[a]",
    "a&b",
    "a*b",
    "ñ",
    "a(b)",
    "~",
    'a"b',
    "a%b",
    "a #b",
    "a ;b",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_database_is_the_file_that_was_meant_and_gets_its_tables(tmp_path, name):
    """Alembic reads the folder of the revisions from an option, in which some characters mean something."""
    folder = tmp_path / name
    versions = folder / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('things', sa.Column('id', sa.Integer, primary_key=True))\n"
    )

    async def tables():
        database = Database("catalog", f"sqlite:///{folder}/shop.db")
        try:
            await migrate(database, versions)
            async with database.read() as session:
                rows = await session.connection()
                return {row[0] for row in await rows.execute(text("SELECT name FROM sqlite_master"))}
        finally:
            await database.dispose()

    assert "things" in asyncio.run(tables())
    assert {file.name for file in folder.iterdir() if file.is_file()} == {"shop.db"}
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_compose_is_told_a_dollar_of_a_path_as_one(tmp_path):
    root = tmp_path / "a$HOME"
    (root / "compose").mkdir(parents=True)
    document = compose(parse(grouping("storefront+cart", "catalog+payment")), root).document
    told = [service["extends"]["file"] for service in document["services"].values()]
    assert told
    assert all("a$$HOME" in path for path in told)
    assert document["services"]["storefront-cart"]["build"]["context"].endswith("a$$HOME")
