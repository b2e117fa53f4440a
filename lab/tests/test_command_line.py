"""The command line as a whole; each command has tests of its own."""

import subprocess
import sys

import pytest

from twinshop.lab.__main__ import COMMANDS, main
from twinshop.lab.errors import FaultError, LabError, LoadError, ProvisionError, Unsupported, UsageError

LOOK = """
import sys
from twinshop.lab.__main__ import main
try:
    main([sys.argv[1], "--help"])
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_is_listed_is_there_and_says_what_it_takes(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: lab {command} ")


def test_the_list_of_commands_says_what_each_is_for(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(words in said for _, words in COMMANDS.values())


def test_each_command_says_in_words_of_its_own_what_it_does(capsys):
    said = []
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            main([command, "--help"])
        said.append(capsys.readouterr().out.split("\n\n")[1])

    assert not any(words.startswith(("positional", "options", "The command")) for words in said)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("given", [[], ["brew"]])
def test_what_is_no_command_is_told_the_commands(given, capsys):
    with pytest.raises(SystemExit) as ended:
        main(given)

    assert ended.value.code == 2
    assert "command" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["up", "down", "ps", "logs", "wait"])
@pytest.mark.integration
def test_bringing_a_shop_up_waits_for_no_library_that_only_reports_need(command):
    done = subprocess.run([sys.executable, "-c", LOOK, command], capture_output=True, text=True, check=True, timeout=60)

    assert set(done.stderr.split()).isdisjoint({"matplotlib", "scipy", "numpy"})


@pytest.mark.parametrize(
    ("error", "code"),
    [(LabError, 1), (UsageError, 2), (ProvisionError, 3), (Unsupported, 3), (FaultError, 1), (LoadError, 1)],
)
def test_each_kind_of_error_is_a_message_and_an_exit_code(error, code, monkeypatch, capsys):
    def fail(_):
        raise error("first line\nsecond line")

    monkeypatch.setattr("twinshop.lab.experiments.commands._runs", fail)
    assert main(["runs"]) == code
    assert capsys.readouterr().err == "first line\nsecond line\n"
