"""What every experiment must be able to do, a new one too: docs/changing.md."""

import re
from importlib.util import find_spec

import pytest

from twinshop.lab.experiments.registry import NAMES, PACKAGES, experiment


@pytest.mark.parametrize("name", NAMES)
def test_a_section_without_trials_says_that_nothing_was_measured(name):
    section = experiment(name).section([], ["This machine has one processor."])

    assert section.name == name
    assert section.answer.endswith("measured.")
    assert re.findall(r"\bnan\b", repr(section), re.IGNORECASE) == []


@pytest.mark.parametrize("package", PACKAGES.values())
@pytest.mark.parametrize("module", ["experiment", "options", "design", "trial", "analysis", "section"])
def test_all_experiments_are_cut_alike(package, module):
    assert find_spec(f"twinshop.lab.experiments.{package}.{module}") is not None
