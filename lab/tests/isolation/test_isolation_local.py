"""Real faults in real shops of local processes: a monolith loses everything, microservices what needs the component."""

from pathlib import Path

import pytest

from twinshop.lab.cores import divided
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.isolation.experiment import EXPERIMENT
from twinshop.lab.load.api import JOURNEYS
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Trial

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
SHORT = {"isolation.fault": "6", "isolation.after": "1", "isolation.rate": "5", "isolation.patience": "20"}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    """A crash of the translator in both shapes; with so much patience that a busy machine fails nobody."""
    request = Request("smoke", ("local",), None, SHORT)
    found = {}
    for spec in EXPERIMENT.plan(request):
        bench = Bench(ROOT, tmp_path_factory.mktemp(spec.arm), 5, *divided(), print)
        outcome = EXPERIMENT.run(spec, request, bench)
        found[spec.arm] = Trial(spec.arm, spec, 0, "2030-01-01T00:00:00.000+00:00", 1.0, outcome)
    return found


def figure(trial, name):
    return trial.outcome.figures[f"crash translate: {name}"]


def lost(trial):
    """Of each journey that anybody began meanwhile."""
    names = {journey: f"crash translate: blast_{journey}_ratio" for journey in JOURNEYS}
    return {journey: trial.outcome.figures[name] for journey, name in names.items() if name in trial.outcome.figures}


def test_a_dead_translator_takes_the_monolith_along(trials):
    assert min(lost(trials["mono"]).values()) > 0.9
    assert figure(trials["mono"], "collateral_ratio") > 0.9
    assert figure(trials["mono"], "journeys_hit_ratio") == 1


def test_a_dead_translator_leaves_the_other_microservices_alone(trials):
    found = lost(trials["micro"])

    assert found.pop("translate") > 0.9
    assert max(found.values()) < 0.5  # a busy machine may lose one or the other
    assert figure(trials["micro"], "collateral_ratio") < 0.3


@pytest.mark.parametrize("arm", ["mono", "micro"])
def test_the_fault_is_confirmed_and_noticed_and_the_shop_is_well_in_the_end(trials, arm):
    (cell,) = trials[arm].outcome.detail["cells"]

    assert figure(trials[arm], "confirmed") == 1
    assert "health check failed" in cell["evidence"]
    assert figure(trials[arm], "detect_users_s") > 0
    assert trials[arm].outcome.detail["sick"] == []


@pytest.mark.parametrize("arm", ["mono", "micro"])
def test_no_promise_was_broken(trials, arm):
    checked = trials[arm].outcome.detail["invariants"]

    assert (checked["violations"], checked["unchecked"]) == ([], {})
    assert checked["counted"]["I1"] > 0
    assert checked["counted"]["I6"] > 0


def test_the_section_tells_it(trials):
    section = EXPERIMENT.section([trial for trial in trials.values() if trial.valid], [])

    assert section.question == EXPERIMENT.question
    assert len(section.claims) == 3
