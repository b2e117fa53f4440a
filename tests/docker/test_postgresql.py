"""The tests of everything that stores data, again on a real PostgreSQL 17."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]
ROOT = Path(__file__).parents[2]
DATABASES = {"catalog": "services/catalog/tests", "payment": "services/payment/tests", "checkout": "tests/checkout"}
"""Each folder's tests empty a scratch database of their own, so that all can run at once."""
FORGETFUL = ("postgres", "-c", "fsync=off", "-c", "full_page_writes=off")
"""No test stops this engine, and each makes and drops tables: waiting for the disk is most of their time."""


@pytest.fixture(scope="module")
def server(docker):
    """The address of a server with the scratch databases."""
    password = secrets.token_hex(8)
    settings = ("-e", f"POSTGRES_PASSWORD={password}")
    container = docker("run", "-d", "--rm", "-p", "127.0.0.1::5432", *settings, "postgres:17", *FORGETFUL)
    try:
        wait_until(lambda: "accepting" in docker("exec", container, "pg_isready", "-h", "127.0.0.1", check=False))
        for name in DATABASES:
            docker("exec", container, "createdb", "-U", "postgres", name)
        yield f"postgresql://postgres:{password}@127.0.0.1:{docker('port', container, '5432').rpartition(':')[2]}"
    finally:
        docker("rm", "-f", "-v", container)


@pytest.fixture(scope="module")
def runs(server, tmp_path_factory):
    """A pytest for each folder, all started, with the file that each writes to."""
    started, folder = {}, tmp_path_factory.mktemp("runs")
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    for name, tests in DATABASES.items():
        printed = folder / name
        with printed.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "postgres", tests],
                cwd=ROOT,
                env={**inherited, "TWINSHOP_TEST_POSTGRES": f"{server}/{name}"},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        started[name] = process, printed
    yield started
    for process, _ in started.values():
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", DATABASES)
def test_what_holds_on_sqlite_holds_on_postgresql(runs, name):
    process, printed = runs[name]
    code = process.wait()

    said = printed.read_text()
    assert code == 0, said[-6000:]
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None
    assert int(passed[1]) > 5
