"""A checkout may lie in a folder of any name: it works, or the message says that the folder must have a plainer one."""

import asyncio
import os
import shlex
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import text
from supervisor.options import ServerOptions

from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate
from twinshop.lab.environments.docker.compose_file import compose
from twinshop.lab.environments.local import supervisord as supervisord_module
from twinshop.lab.environments.local.programs import environment, programs
from twinshop.lab.environments.local.supervisor_config import config
from twinshop.lab.environments.local.supervisord import Supervisord
from twinshop.lab.errors import LabError
from twinshop.lab.shapes import MICRO, MONO, parse

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
]
REFUSED = ['a"b', "a%b", "a #b", "a ;b"]
"""supervisord has no escape for these that holds in all of its options."""


@pytest.fixture(params=NAMES)
def folder(request, tmp_path):
    path = tmp_path / request.param
    path.mkdir()
    return path


def understood(state):
    """The programs as supervisord itself reads them."""
    for name in ("logs", "redis"):
        (state / name).mkdir()
    file = state / "supervisord.conf"
    file.write_text(config(programs(MICRO, state), state, Path("/tmp/twinshop-x/control")))
    options = ServerOptions()
    options.environ_expansions = {"ENV_STOREFRONT_SECRET": "secret"}
    options.realize(["-c", str(file)])
    return {each.name: each.process_configs[0] for each in options.process_group_configs}


def test_supervisord_reads_what_was_meant(folder, monkeypatch):
    monkeypatch.setenv("STOREFRONT_SECRET", "secret")
    found = understood(folder)
    for process in MICRO.processes:
        read = found[process.name]
        expected = environment(MICRO, process, folder)
        assert {**expected, **({"STOREFRONT_SECRET": "secret"} if "STOREFRONT_SECRET" in expected else {})} == {
            name: value for name, value in read.environment.items() if name in expected
        }
        assert read.directory == str(folder)
        assert read.stdout_logfile == str(folder / "logs" / f"{process.name}.log")
    assert str(folder / "redis") in shlex.split(found["redis"].command)


@pytest.mark.parametrize("name", REFUSED)
def test_what_supervisord_would_misread_is_refused_with_the_next_step(name):
    with pytest.raises(LabError, match="move the working copy to a folder whose path has no special"):
        config(programs(MICRO, Path("/x") / name), Path("/x") / name, Path("/tmp/control"))


@pytest.mark.parametrize("name", [*NAMES, *REFUSED])
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
    document = compose(parse("storefront+cart,catalog+payment,translate"), root).document
    told = [service["extends"]["file"] for service in document["services"].values()]
    assert told
    assert all("a$$HOME" in path for path in told)
    assert document["services"]["storefront-cart"]["build"]["context"].endswith("a$$HOME")


def test_the_socket_is_in_the_users_folder_for_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.setenv("TMPDIR", short)
        assert supervisord_module._control().parents[1] == Path(short)


@pytest.fixture
def deep(tmp_path, monkeypatch):
    """A folder for temporary files below which no socket can be."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def test_below_a_deep_folder_for_temporary_files_the_shop_starts_all_the_same(deep, local):
    assert len(os.fsencode(deep)) > 107
    assert local.up(60)


def test_without_any_folder_that_is_short_enough_the_message_says_what_to_set(deep, monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(LabError, match="set TMPDIR to a folder of at most 60 characters"):
        Supervisord(tmp_path).start(programs(MONO, Path("/x")), {})
