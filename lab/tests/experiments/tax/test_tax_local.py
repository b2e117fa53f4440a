"""Real trials of both ends on the local runtime. Whether this machine is quiet enough to compare them is not asked."""

from pathlib import Path

import pytest

from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.communication.experiment import EXPERIMENT
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Spec, Trial
from twinshop.lab.shapes import COMPONENTS

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[4]
RATE = 4.0
REQUEST = Request("smoke", ("local",), options={"tax.rate": str(RATE)})
FACTORS = {"runtime": "local", "mix": "balanced", "rate": RATE}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    """One of each end, with the same seed."""
    made = {}
    for position, arm in enumerate(("mono", "micro")):
        bench = Bench(ROOT, tmp_path_factory.mktemp(arm), 5, (0,), (1,), print)
        spec = Spec("tax", arm, 0, FACTORS)
        made[arm] = Trial(f"tax-{arm}", spec, position, "", 1.0, EXPERIMENT.run(spec, REQUEST, bench))
    return made


def figures(trials, arm):
    return trials[arm].outcome.figures


def test_the_same_sessions_make_the_same_calls_in_both_shapes(trials):
    mono, micro = (trials[arm].outcome.detail["calls_per_session"] for arm in ("mono", "micro"))

    assert mono.keys() == micro.keys() <= set(COMPONENTS)
    assert all(mono[component] == pytest.approx(micro[component], rel=0.3) for component in mono)


def test_all_calls_are_remote_in_micro_and_none_in_mono(trials):
    assert figures(trials, "mono")["remote_calls_per_session"] == 0
    remote = figures(trials, "micro")["remote_calls_per_session"]
    assert remote == figures(trials, "micro")["calls_per_session"] > 1


def test_every_part_used_processor_time_and_memory(trials):
    for arm, parts in (("mono", {"mono", "redis"}), ("micro", {*COMPONENTS, "redis"})):
        detail = trials[arm].outcome.detail
        assert set(detail["memory_bytes"]) == set(detail["held"]["cpu_seconds"]) == parts
        assert 0 < figures(trials, arm)["app_cpu_ms_per_request"] <= figures(trials, arm)["cpu_ms_per_request"] < 1000
        assert figures(trials, arm)["processes"] == len(parts) - 1


def test_both_were_also_held_at_a_lower_rate_with_its_own_cpu_time(trials):
    for trial in trials.values():
        (lower,) = trial.outcome.detail["rates"]
        assert lower["rate"] == RATE / 2
        assert lower["cpu_seconds"].keys() == trial.outcome.detail["held"]["cpu_seconds"].keys()
        assert set(trial.outcome.detail["apps"]) < lower["cpu_seconds"].keys()


def test_the_sessions_went_well_and_no_promise_was_broken(trials):
    for trial in trials.values():
        assert trial.outcome.figures["good_ratio"] == 1
        assert trial.outcome.detail["invariants"]["violations"] == []


def test_the_report_is_made_of_them(trials):
    section = EXPERIMENT.section(list(trials.values()), [])

    assert section.answer
    assert all(len(row) == len(table.header) for table in section.tables for row in table.rows)
