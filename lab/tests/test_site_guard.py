"""A lab that is killed leaves nothing behind, hurt or well."""

import subprocess
import sys

import pytest

from twinshop.lab.environments.local.strays import strays
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.environments.watchdog import Watchdog
from twinshop.lab.shapes import parse
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

SECONDS = 30
HELD = """
import sys, time
from pathlib import Path
from twinshop.lab.shapes import parse
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
with open_environment(parse("mono"), "local", Path(), Path(sys.argv[1]), EnvironmentOptions()) as site:
    site.create(); site.start(); site.pause("mono"); print("started", flush=True)
    time.sleep(600)
"""


def test_a_site_is_removed_when_its_lab_is_killed(tmp_path, guards):
    folder = tmp_path.resolve()
    with subprocess.Popen([sys.executable, "-c", HELD, folder], stdout=subprocess.PIPE) as lab:
        try:
            assert lab.stdout.readline() == b"started\n"
            wait_until(lambda: len(strays(folder)) == 2)  # one of them may be between its fork and its program
            assert len(guards(folder)) == 1
        finally:
            lab.kill()

    wait_until(lambda: not strays(folder))
    wait_until(lambda: [each.name for each in folder.iterdir()] == ["logs"])
    wait_until(lambda: not guards(folder))


def test_a_site_that_was_removed_in_order_leaves_no_guard(tmp_path, guards):
    with open_environment(parse("mono"), "local", tmp_path, tmp_path, EnvironmentOptions()):
        assert len(guards(tmp_path.resolve())) == 1

    assert guards(tmp_path.resolve()) == []


def test_a_guard_that_is_killed_is_not_missed(tmp_path, guards):
    with open_environment(parse("mono"), "local", tmp_path, tmp_path, EnvironmentOptions()):
        (watchdog,) = guards(tmp_path.resolve())
        watchdog.kill()

    assert guards(tmp_path.resolve()) == []


def test_a_guard_removes_what_an_error_left(tmp_path):
    (tmp_path / "data").mkdir()
    with Watchdog(tmp_path):
        pass  # never dismissed

    assert list(tmp_path.iterdir()) == []
