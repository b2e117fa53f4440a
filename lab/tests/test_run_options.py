"""Options of single experiments: `lab run tax --set tax.splits=all`."""

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.experiments.api import Request

KNOWN = {"splits": "chosen", "rate": "auto"}


def asked(**options):
    return Request("smoke", ("local",), options={f"tax.{name}": value for name, value in options.items()})


def test_what_is_not_set_has_its_default():
    assert asked(splits="all").options_of("tax", KNOWN) == {"splits": "all", "rate": "auto"}


def test_options_of_other_experiments_are_theirs():
    assert asked(splits="all").options_of("scaling", {}) == {}


def test_an_unknown_option_is_refused_with_those_there_are():
    with pytest.raises(DeploymentError, match=r"no option `speed`.*tax\.splits=chosen, tax\.rate=auto"):
        asked(speed="1").options_of("tax", KNOWN)


@pytest.mark.parametrize("setting", ["tax.splits", "splits=all", "tax.=all", "tax.splits="])
def test_a_setting_without_experiment_option_or_value_is_refused(setting, capsys):
    assert main(["run", "startup", "--forecast", "--set", setting]) == 1
    assert f"not `{setting}`" in capsys.readouterr().err


def test_a_setting_of_an_experiment_that_is_not_to_be_run_is_refused(capsys):
    assert main(["run", "startup", "--forecast", "--set", "tax.splits=all"]) == 1
    assert "tax is not among the experiments to run (startup)" in capsys.readouterr().err
