"""The tests of everything that stores data, again on a real PostgreSQL 17."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def postgres_url(docker, eventually):
    password = secrets.token_hex(8)
    settings = ("-e", f"POSTGRES_PASSWORD={password}", "-e", "POSTGRES_DB=scratch")
    container = docker("run", "-d", "--rm", "-p", "127.0.0.1::5432", *settings, "postgres:17")
    try:
        eventually(lambda: "accepting" in docker("exec", container, "pg_isready", "-h", "127.0.0.1", check=False))
        port = docker("port", container, "5432").rpartition(":")[2]
        yield f"postgresql://postgres:{password}@127.0.0.1:{port}/scratch"
    finally:
        docker("rm", "-f", "-v", container)


@pytest.mark.parametrize("tests", ["services/catalog/tests", "services/payment/tests", "tests/checkout"])
def test_what_holds_on_sqlite_holds_on_postgresql(postgres_url, tests):
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "postgres", tests],
        cwd=ROOT,
        env={**os.environ, "TWINSHOP_TEST_POSTGRES": postgres_url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-6000:]
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed is not None
    assert int(passed[1]) > 5
