"""A generator against small servers, all of them real processes."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

from twinshop.lab.load.api import LoadPlan, Phase, start_load


@contextmanager
def _serving(*options):
    command = [sys.executable, "-m", "twinshop.lab.load.crosscheck.target", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


@pytest.fixture(scope="session")
def target():
    """A context manager: a server with these options; its process and its URL."""
    return _serving


@pytest.fixture
def load(tmp_path):
    """Starts a load of `translate`; whatever still runs at the end is stopped."""
    started = []

    def start(url, *, rate, seconds, **more):
        plan = LoadPlan(url, (Phase(seconds, rate, rate),), **{"mix": {"translate": 1}, **more})
        folder = tmp_path / f"load-{len(started)}"
        started.append(start_load(plan, folder))
        return started[-1], folder

    yield start
    for each in started:
        each.stop()
