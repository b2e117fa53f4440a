"""Options of single experiments: `twinshop run tax --set tax.splits=all`."""

import subprocess
import sys

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.communication.options import CommunicationOptions
from twinshop.lab.experiments.isolation.options import IsolationOptions
from twinshop.lab.experiments.registry import NAMES, options_of

LOOK = """
import sys
from twinshop.lab.__main__ import main
try:
    main(["run", "--help"])
except SystemExit:
    print(*sys.modules, file=sys.stderr)
"""


def test_what_is_not_set_has_its_default():
    options = CommunicationOptions.of("full", {"tax.splits": "all", "scaling.percent": "99"})
    assert (options.splits, options.rate, options.seconds) == ("all", None, None)


def test_an_effort_may_have_defaults_of_its_own():
    assert IsolationOptions.of("smoke", {"isolation.after": "7"}).model_dump(include={"base", "after"}) == {
        "base": 2,
        "after": 7,
    }


def test_an_unknown_option_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"tax has no option `speed`.*tax\.splits=chosen, tax\.rate=auto"):
        CommunicationOptions.of("full", {"tax.speed": "1"})


@pytest.mark.parametrize("name", NAMES)
def test_the_help_lists_each_option_with_its_default_and_meaning(name, capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    listed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert name == options_of(name).NAME
    for option, meaning in options_of(name).described():
        assert meaning
        assert f"{option} {meaning}" in listed


@pytest.mark.integration
def test_the_help_imports_no_experiment():
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert "isolation.rate=15" in done.stdout
    assert not [name for name in done.stderr.split() if name.endswith(".experiment")]


@pytest.mark.parametrize("setting", ["tax.splits", "splits=all", "tax.=all", "tax.splits="])
@pytest.mark.integration
def test_a_setting_without_experiment_option_or_value_is_refused(setting, capsys):
    assert main(["run", "startup", "--forecast", "--set", setting]) == 2
    assert f"invalid --set '{setting}': write " in capsys.readouterr().err


@pytest.mark.integration
def test_a_setting_of_an_experiment_that_is_not_to_be_run_is_refused(capsys):
    assert main(["run", "startup", "--forecast", "--set", "tax.splits=all"]) == 2
    assert "tax is not among the experiments to run (startup)" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "many", "startup=", "startup=0", "=3"])
def test_a_number_of_blocks_that_is_none_is_refused(text, capsys):
    assert main(["run", "startup", "--forecast", "--repeats", text]) == 2
    assert f"invalid --repeats '{text}': write " in capsys.readouterr().err


def test_blocks_of_an_experiment_that_is_not_to_be_run_are_refused(capsys):
    assert main(["run", "startup", "--forecast", "--repeats", "tax=2"]) == 2
    assert "tax is not among the experiments to run (startup)" in capsys.readouterr().err


@pytest.mark.parametrize(("repeats", "trials"), [(["1"], 2), (["3"], 6), (["9", "startup=2"], 4)])
def test_blocks_are_set_for_all_experiments_or_for_one(repeats, trials, capsys):
    asked = [part for text in repeats for part in ("--repeats", text)]
    assert main(["run", "startup", "--effort", "quick", "--runtime", "local", "--forecast", *asked]) == 0
    assert f"{trials} trials" in capsys.readouterr().out
