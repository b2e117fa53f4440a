"""The Makefile finds a Python, and the options of `make` reach the lab."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make")


@pytest.fixture
def path(tmp_path):
    """A PATH with nothing on it but `head` and the Pythons of a test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "head").symlink_to(shutil.which("head"))
    return folder


def python(folder, name, version):
    """A Python that says it is of this version."""
    major, minor = version.split(".")
    script = f"""#!/bin/sh
[ "$1" = --version ] && echo "Python {version}.1" && exit
exec {sys.executable} -c "import sys; sys.version_info = ({major}, {minor}, 1); sys.executable = '{folder / name}'; $2"
"""
    (folder / name).write_text(script)
    (folder / name).chmod(0o755)


def found(path):
    done = subprocess.run(
        [MAKE, "-s", "--eval", "show: ; @$(FIND_PYTHON)", "show"],
        cwd=ROOT,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        ({"python3": "3.12"}, "python3"),
        ({"python3": "3.9", "python3.14": "3.14"}, "python3.14"),
        ({"python3": "3.9", "python3.11": "3.11"}, "python3.11"),
        ({"python3": "3.16", "python3.13": "3.13"}, "python3.13"),  # a tested version before a newer one
        ({"python3": "3.16"}, "python3"),
        ({"python3.11": "3.11", "python3.13": "3.13"}, "python3.13"),
    ],
)
def test_any_usable_python_is_found(path, installed, chosen):
    for name, version in installed.items():
        python(path, name, version)
    assert found(path) == (str(path / chosen), "")


def test_a_python_that_does_not_run_is_passed_over(path):
    (path / "python3").write_text("#!/bin/sh\necho broken >&2\nexit 127\n")
    (path / "python3").chmod(0o755)
    python(path, "python3.13", "3.13")
    assert found(path)[0] == str(path / "python3.13")


def test_without_one_the_message_says_what_there_is_and_what_to_do(path):
    python(path, "python3", "3.9")
    chosen, told = found(path)
    assert chosen == ""
    assert "Twinshop needs Python 3.11 or newer" in told
    assert "python3 is Python 3.9.1" in told
    assert "Install one" in told


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["up-mono"], "up mono --runtime auto"),
        (["up-mono", "PORT=9000"], "up mono --port 9000 --runtime auto"),
        (["up-micro", "PORT=9100", "RUNTIME=docker"], "up micro --port 9100 --runtime docker"),
        (["down", "PORT=9000"], "down --port 9000 --runtime auto"),
        (["ps", "SHAPE=micro", "PORT=9100"], "ps micro --port 9100 --runtime auto"),
        (["load", "SHAPE=micro"], "url micro --runtime auto"),
        (["load", "PORT=9000"], "url mono --port 9000 --runtime auto"),
    ],
)
def test_the_options_reach_the_lab(arguments, command):
    done = subprocess.run(
        [MAKE, "--dry-run", "--assume-old=.venv/.ready", "READY=", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert f"-m twinshop.lab {command}" in " ".join(done.stdout.split())
