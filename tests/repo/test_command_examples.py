"""Every example in the help of a verb works: the cheap ones are run, and all of them are parsed."""

import argparse
import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.command_line import COMMANDS, parse, parser

ROOT = Path(__file__).parents[2]
(VERBS,) = (each.choices for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
EXAMPLES = {line: name for name in COMMANDS for line in VERBS[name].get_default("examples")}
CHEAP = [
    "twinshop ps",
    "twinshop ps micro --json",
    "twinshop down",
    "twinshop runs",
    "twinshop runs --json",
    "twinshop run --forecast",
    "twinshop torture --list",
]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout, so that an example stops and shows nothing of this one; without Docker."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "uv.lock").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent")
    return tmp_path


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_is_a_command_of_its_verb(line):
    program, verb, *others = shlex.split(line)

    assert (program, verb) == ("twinshop", EXAMPLES[line])
    assert callable(parse([verb, *others]).run)


@pytest.mark.parametrize("line", CHEAP)
@pytest.mark.integration
def test_a_cheap_example_runs(line, checkout, capsys):
    assert line in EXAMPLES
    arguments = shlex.split(line)[1:]

    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert out
    if "--json" in arguments:
        assert json.loads(out) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.integration
def test_a_shell_can_read_its_completion_script(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out

    assert all(verb in script for verb in COMMANDS)
    assert "--effort" in script or "effort" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True, timeout=30)


@pytest.mark.integration
def test_json_has_standard_output_to_itself(checkout, capsys):
    assert (
        main(["run", "startup", "--effort", "smoke", "--runtime", "local", "--forecast", "--json", "--seed", "3"]) == 0
    )
    said = capsys.readouterr()
    result = json.loads(said.out)

    assert result["seed"] == 3
    assert [each["name"] for each in result["experiments"]] == ["startup"]
    assert "startup" in said.err


@pytest.mark.slow
def test_the_committed_runs_are_compared_for_a_program(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)

    assert main(["compare", "docs/report", "docs/report/again", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    findings = {each["finding"] for each in result["comparisons"]}
    assert findings <= {"they agree", "they differ", "too few blocks to tell"}
    assert all(each["a"]["value"] > 0 for each in result["comparisons"] if each["kind"] == "ratio")
