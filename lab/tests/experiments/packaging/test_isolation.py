"""What was tried is judged on the host, whatever the probe says; and programs end with the lab's block."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest

from twinshop.lab.experiments.packaging import isolation, spawn

pytestmark = pytest.mark.integration


class Here:
    """A component without any isolation: a process of this user."""

    def probe(self, code, argument):
        command = [sys.executable, "-c", code, argument]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    def user_outside(self):
        return os.getuid()


class Liar(Here):
    """Says that all worked, and did nothing."""

    def probe(self, code, argument):
        token = json.loads(argument)["token"]
        honest = json.loads(super().probe(code, json.dumps({"token": token, "file": "/nowhere/x", "port": 9})))
        return json.dumps(honest | {"writes_host_file": "written", "reaches_host_loopback": "connected"})


def test_a_plain_process_sees_writes_and_reaches_everything(tmp_path):
    found = isolation.look(Here(), tmp_path)

    assert found["sees_host_process"]
    assert found["writes_host_file"]
    assert found["reaches_host_loopback"]
    assert found["same_kernel"]
    assert found["user"] == found["user_on_host"] == os.getuid()
    assert found["processes"] > 1


def test_a_probe_is_not_believed_where_the_host_can_tell(tmp_path):
    found = isolation.look(Liar(), tmp_path)

    assert not found["writes_host_file"]
    assert found["writing_said"] == "written"
    assert not found["reaches_host_loopback"]


def test_the_process_that_the_probe_looks_for_is_gone_afterwards(tmp_path):
    isolation.look(Here(), tmp_path)
    assert not [each for each in psutil.Process().children() if isolation.WAIT in each.cmdline()]


def test_a_program_runs_on_the_given_processors_and_ends_with_the_block(tmp_path):
    core = min(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with spawn.spawned(command, [core], tmp_path / "log", os.environ, tmp_path) as process:
        assert os.sched_getaffinity(process.pid) == {core}
        assert os.sched_getaffinity(0) == before
        assert spawn.last_words(process, "It", tmp_path / "log") is None
    assert not psutil.pid_exists(process.pid)


def test_a_program_that_does_not_stop_is_killed_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(spawn, "STOP_SECONDS", 0.2)
    stubborn = "trap '' TERM; sleep 60 & while :; do sleep 0.1; done"
    with pytest.raises(KeyboardInterrupt):
        interrupted(stubborn, tmp_path)
    assert not [each for each in psutil.process_iter(["cmdline"]) if stubborn in (each.info["cmdline"] or ())]


def interrupted(script, folder):
    with spawn.spawned(["sh", "-c", script], [0], folder / "log", os.environ, folder):
        time.sleep(0.2)
        raise KeyboardInterrupt


def test_the_last_words_of_a_program_that_ended_are_told(tmp_path):
    log = tmp_path / "log"
    with spawn.spawned(["sh", "-c", "echo no such module; exit 3"], [0], log, os.environ, tmp_path) as process:
        process.wait(10)
        assert spawn.last_words(process, "It", log) == "It ended with 3:\n    no such module"
