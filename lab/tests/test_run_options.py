"""Options of single experiments: `lab run tax --set tax.splits=all`."""

import re

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.errors import LabError
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.registry import NAMES, OPTIONS

KNOWN = {"splits": "chosen", "rate": "auto"}


def asked(**options):
    return Request("smoke", ("local",), options={f"tax.{name}": value for name, value in options.items()})


def test_what_is_not_set_has_its_default():
    assert asked(splits="all").options_of("tax", KNOWN) == {"splits": "all", "rate": "auto"}


def test_options_of_other_experiments_are_theirs():
    assert asked(splits="all").options_of("scaling", {}) == {}


def test_an_unknown_option_is_refused_with_those_there_are():
    with pytest.raises(LabError, match=r"no option `speed`.*tax\.splits=chosen, tax\.rate=auto"):
        asked(speed="1").options_of("tax", KNOWN)


@pytest.mark.parametrize("name", NAMES)
def test_the_help_lists_the_options_that_each_experiment_takes(name, capsys):
    assert main(["run", name, "--runtime", "local", "--forecast", "--set", f"{name}.none-such=1"]) == 2
    told = capsys.readouterr().err.partition("defaults: ")[2]
    taken = re.findall(rf"{name}\.(\w+)=", told)
    assert taken == list(OPTIONS.get(name, ()))
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    listed = " ".join(capsys.readouterr().out.split())
    assert not taken or f"{name}: {', '.join(taken)}" in listed


@pytest.mark.parametrize("setting", ["tax.splits", "splits=all", "tax.=all", "tax.splits="])
@pytest.mark.integration
def test_a_setting_without_experiment_option_or_value_is_refused(setting, capsys):
    assert main(["run", "startup", "--forecast", "--set", setting]) == 2
    assert f"not `{setting}`" in capsys.readouterr().err


@pytest.mark.integration
def test_a_setting_of_an_experiment_that_is_not_to_be_run_is_refused(capsys):
    assert main(["run", "startup", "--forecast", "--set", "tax.splits=all"]) == 2
    assert "tax is not among the experiments to run (startup)" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "many", "startup=", "startup=0", "=3"])
def test_a_number_of_blocks_that_is_none_is_refused(text, capsys):
    assert main(["run", "startup", "--forecast", "--repeats", text]) == 2
    assert f"not `{text}`" in capsys.readouterr().err


def test_blocks_of_an_experiment_that_is_not_to_be_run_are_refused(capsys):
    assert main(["run", "startup", "--forecast", "--repeats", "tax=2"]) == 2
    assert "tax is not among the experiments to run (startup)" in capsys.readouterr().err


@pytest.mark.parametrize(("repeats", "trials"), [(["1"], 2), (["3"], 6), (["9", "startup=2"], 4)])
def test_blocks_are_set_for_all_experiments_or_for_one(repeats, trials, capsys):
    asked = [part for text in repeats for part in ("--repeats", text)]
    assert main(["run", "startup", "--effort", "quick", "--runtime", "local", "--forecast", *asked]) == 0
    assert f"{trials} trials" in capsys.readouterr().out
