"""Runs in several sittings, and runs that end when they know enough."""

import json
import random

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.errors import UsageError
from twinshop.lab.experiments import reporting, sitting
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.registry import NAMES
from twinshop.lab.experiments.until import LOOKS, Until, batches
from twinshop.lab.report.facts import cautions, run_facts
from twinshop.lab.report.section import Section
from twinshop.lab.results.run import new_run
from twinshop.lab.results.trial import Outcome, Spec
from twinshop.lab.statistics.compare import compare

REQUEST = Request("full", ("local",))
HERE = {"processor": "one", "cores": 2, "code_sha256": "a", "commit": "abc"}
THERE = {**HERE, "processor": "another"}


class Fake:
    """Two arms, the second slower by a factor, with noise; interrupted where it is told to be."""

    name, question = "fake", "Which is faster?"

    def __init__(self, factor=1.0, noise=0.0, interrupted=None):
        self.factor, self.noise, self.interrupted = factor, noise, interrupted
        self.made, self.luck = 0, random.Random(3)

    def plan(self, request):
        return [Spec("fake", arm, block) for block in range(request.repeats or 4) for arm in ("mono", "micro")]

    def expected_seconds(self, spec, request):
        return 1.0

    def run(self, spec, request, bench):
        if self.made == self.interrupted:
            self.interrupted = None
            raise KeyboardInterrupt
        self.made += 1
        return Outcome(
            {"time_s": (self.factor if spec.arm == "micro" else 1.0) * self.luck.lognormvariate(0, self.noise)}
        )

    def section(self, trials, skipped):
        found = compare(trials, "time_s", "mono", "micro", smaller_is_better=True)
        return Section("fake", self.question, "", comparisons=[("time", found)], main_effects={"time": "time"})


@pytest.fixture
def begin(root, monkeypatch):
    """A new run of this experiment, and a function that makes a sitting of it on a machine."""

    def make(fake, **manifest):
        for module in (sitting, reporting):
            monkeypatch.setattr(module, "experiment", lambda _: fake)
        run = new_run(root, f"fake-{id(fake)}")
        run.describe(experiments=["fake"], seed=5, machine=HERE, effort="full", **manifest)

        def sit(machine=HERE, request=REQUEST):
            monkeypatch.setattr(sitting.machine, "fingerprint", lambda _: machine)
            return sitting.sitting(run, root, request, {})

        return run, sit

    return make


def blocks(run):
    found = {}
    for trial in run.trials():
        found.setdefault(trial.spec.block, []).append(trial.spec.arm)
    return found


def test_a_run_that_was_interrupted_goes_on_and_makes_the_broken_block_again(begin):
    run, sit = begin(Fake(interrupted=3))

    assert not sit()
    assert (run.manifest()["state"], len(run.trials())) == ("interrupted", 3)
    assert sit()
    assert run.manifest()["state"] == "complete"
    whole = [arms for arms in blocks(run).values() if sorted(arms) == ["micro", "mono"]]
    assert (len(whole), len(blocks(run))) == (4, 5), "the broken block has one arm, and stays as it is"
    assert len({trial.position for trial in run.trials()}) == len({trial.id for trial in run.trials()}) == 9


def test_another_machine_is_a_factor_and_the_report_says_so(begin):
    run, sit = begin(Fake(interrupted=2))
    sit()
    sit(THERE)

    machines = {trial.spec.block: trial.spec.factors.get("machine", "") for trial in run.trials()}
    assert sorted(machines.values()) == ["", "machine 2", "machine 2", "machine 2"]
    assert [each["machine_name"] for each in run.manifest()["sittings"]] == ["", "machine 2"]
    assert ("Sittings", "2") in run_facts(run.manifest())
    assert any("made on 2 machines" in each for each in cautions(run.manifest(), run.trials()))
    ((_, found),) = reporting.sections_of(run)[0][0].comparisons
    assert found.n == 4


def test_the_same_machine_on_another_day_is_no_factor(begin):
    run, sit = begin(Fake(interrupted=2))
    sit()
    sit({**HERE, "load_before": (3, 2, 1)})

    assert not any("machine" in trial.spec.factors for trial in run.trials())


def test_a_run_does_not_go_on_with_other_code(begin):
    _, sit = begin(Fake(interrupted=2))
    sit()

    with pytest.raises(UsageError, match="is not that with which"):
        sit({**HERE, "code_sha256": "b"})


UNTIL = {"until": {"width": 0.1, "looks": [3, 5, 8]}}


def test_a_clear_effect_ends_a_run_at_the_first_look(begin):
    run, sit = begin(Fake(factor=3.0, noise=0.02), **UNTIL)

    assert sit()
    assert len(run.trials()) == 6


def test_a_narrow_interval_ends_it_too_and_a_wide_one_goes_on_to_the_last_look(begin):
    narrow, sit = begin(Fake(factor=1.05, noise=0.01), **UNTIL)
    sit()
    assert 6 <= len(narrow.trials()) < 16

    wide, sit = begin(Fake(factor=1.05, noise=0.5), **UNTIL)
    sit()
    assert len(wide.trials()) == 16
    assert wide.manifest()["looked"] == {"fake": 3}


def test_the_looks_are_in_every_interval_of_the_report(begin):
    run, sit = begin(Fake(factor=1.5, noise=0.1), **UNTIL)
    sit()
    (section,) = reporting.sections_of(run)[0]
    ordinary = Fake().section(run.trials(), [])
    ((_, wide),), ((_, usual),) = section.comparisons, ordinary.comparisons

    assert wide.low < usual.low < usual.high < wide.high
    assert any("allow for 3 looks" in value for _, value in run_facts(run.manifest()))


def test_a_run_that_was_interrupted_before_a_look_goes_on_to_it(begin):
    run, sit = begin(Fake(factor=1.05, noise=0.5, interrupted=9), **UNTIL)
    sit()
    assert sit()

    whole = [arms for arms in blocks(run).values() if len(arms) == 2]
    assert len(whole) >= 8


def test_a_width_is_read_with_its_looks():
    assert Until.of("width=0.2", None) == Until(0.2, LOOKS)
    assert Until.of("width=0.2", 10).looks == (3, 5, 8, 10)
    assert batches((3, 5, 8)) == [3, 2, 3]


@pytest.mark.parametrize("text", ["width", "width=", "width=0", "width=wide", "n=3", "width=-1"])
def test_anything_else_is_refused(text):
    with pytest.raises(UsageError, match=r"write width=0\.2"):
        Until.of(text, None)


def test_a_run_like_another_is_forecast_with_its_settings(capsys):
    assert main(["run", "--like", "docs/report", "--forecast", "--runtime", "local", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["seed"] == 20261125
    assert [each["name"] for each in found["experiments"]] == list(NAMES)


@pytest.mark.parametrize("more", [["tax"], ["--seed", "1"], ["--repeats", "3"]])
def test_a_run_like_another_has_no_settings_of_its_own(more, capsys):
    assert main(["run", *more, "--like", "docs/report", "--forecast"]) == 2
    assert "--like takes the settings of that run" in capsys.readouterr().err
