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
FOLDERS = {"catalog": "services/catalog/tests", "payment": "services/payment/tests", "checkout": "tests/checkout"}
FORGETFUL = ("postgres", "-c", "fsync=off", "-c", "full_page_writes=off")
"""No test stops this engine, and each makes and drops tables: waiting for the disk is most of their time."""


@pytest.fixture
def server(docker):
    """The URL of an empty database."""
    password = secrets.token_hex(8)
    settings = ("-e", f"POSTGRES_PASSWORD={password}")
    container = docker("run", "-d", "--rm", "-p", "127.0.0.1::5432", *settings, "postgres:17", *FORGETFUL)
    try:
        wait_until(lambda: "accepting" in docker("exec", container, "pg_isready", "-h", "127.0.0.1", check=False))
        port = docker("port", container, "5432").rpartition(":")[2]
        yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    finally:
        docker("rm", "-f", "-v", container)


@pytest.mark.parametrize(
    "folder",
    [pytest.param(folder, marks=pytest.mark.xdist_group(f"postgresql: {name}")) for name, folder in FOLDERS.items()],
    ids=FOLDERS,
)
def test_what_holds_on_sqlite_holds_on_postgresql(server, folder):
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "postgres", folder],
        cwd=ROOT,
        env={**inherited, "TWINSHOP_TEST_POSTGRES": server},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 5
