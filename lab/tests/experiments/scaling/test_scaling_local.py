"""A real search on the local runtime. Whether this machine is quiet enough for a capacity is not asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.scaling.case import MONOLITH
from twinshop.lab.experiments.scaling.experiment import EXPERIMENT
from twinshop.lab.experiments.scaling.trial import NO_QUOTA
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Spec, Trial

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[4]
LOCAL = Request("smoke", ("local",))
FACTORS = {"runtime": "local", "mix": "balanced", "cpus": 1.0}


@pytest.fixture
def bench(tmp_path):
    return Bench(ROOT, tmp_path, 1, (0,), (1,), print)


def probes(outcome):
    return outcome.detail["probes"]


def test_a_search_probes_a_real_shop_until_it_has_a_capacity_or_a_reason_why_not(bench):
    outcome = EXPERIMENT.run(Spec("scaling", MONOLITH, 0, FACTORS), LOCAL, bench)

    warm = outcome.detail["warm"]
    assert warm["good_ratio"] == 1
    assert warm["cpu_seconds"]["mono"] > 0
    assert 0 < outcome.figures["low_load_cpu_ms_per_session"] < 1000
    assert outcome.figures["memory_bytes"] > 50 * 2**20
    assert all(row["requests"] > 0 for row in probes(outcome))
    passed = [row["rate"] for row in probes(outcome) if row["passed"]]
    if outcome.void is None:
        assert outcome.figures["capacity_sessions_per_s"] in passed
        assert outcome.figures["p95_ms"] <= 200
        (rung,) = outcome.detail["ladder"]
        assert rung["rate"] == pytest.approx(0.5 * outcome.figures["capacity_sessions_per_s"])
        assert rung["requests"] > 0
        assert rung["cpu_seconds"]["mono"] > 0
    else:
        assert "capacity_sessions_per_s" not in outcome.figures
    assert outcome.detail["invariants"]["violations"] == []
    assert outcome.detail["invariants"]["counted"]["I1"] > 0
    section = EXPERIMENT.section([Trial("scaling-0000", Spec("scaling", MONOLITH, 0, FACTORS), 0, "", 1, outcome)], [])
    assert section.answer


@pytest.mark.parametrize(
    ("cores", "cpus", "reason"),
    [
        (((0,), (0,)), 1.0, "this machine has one processor"),
        (((0,), (1,)), 0.5, NO_QUOTA),
    ],
)
def test_what_cannot_be_measured_here_is_skipped_with_the_reason(bench, cores, cpus, reason):
    bench = replace(bench, shop_cores=cores[0], load_cores=cores[1])

    with pytest.raises(Unsupported, match=reason):
        EXPERIMENT.run(Spec("scaling", MONOLITH, 0, {**FACTORS, "cpus": cpus}), LOCAL, bench)
