"""The lab's experiments with a budget: a search in half a processor, a split at a fixed rate."""

from pathlib import Path

import pytest

from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.communication.experiment import EXPERIMENT as TAX
from twinshop.lab.experiments.scaling.experiment import EXPERIMENT as SCALING
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Spec

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(tmp_path):
    return Bench(ROOT, tmp_path, 1, (0,), (1,), print)


def test_a_search_stays_within_half_a_processor(bench):
    factors = {"runtime": "docker", "mix": "balanced", "cpus": 0.5}
    outcome = SCALING.run(Spec("scaling", "mono", 0, factors), Request("smoke", ("docker",)), bench)

    probes = outcome.detail["probes"]
    assert outcome.detail["options"] == {"cores": (0,), "cpus": 0.5, "memory_bytes": 2 * 2**30}
    assert probes
    for row in probes:
        assert sum(row["cpu_seconds"].values()) / row["seconds"] < 0.6
    assert max(row["throttled_seconds"] for row in probes) > 0
    assert {"mono", "database", "redis", "edge"} == set(outcome.detail["memory_bytes"])
    assert 2 * 2**30 >= outcome.figures["peak_memory_bytes"] >= outcome.figures["memory_bytes"] > 100 * 2**20
    assert outcome.detail["invariants"]["violations"] == []


def test_a_grouping_is_held_at_a_rate(bench):
    factors = {"runtime": "docker", "mix": "balanced", "rate": 3.0}
    request = Request("smoke", ("docker",), options={"tax.rate": "3"})
    outcome = TAX.run(Spec("tax", "payment, translate out", 0, factors), request, bench)

    figures = outcome.figures
    assert figures["good_ratio"] == 1
    assert figures["processes"] == 3
    assert 0 < figures["remote_calls_per_session"] < figures["calls_per_session"]
    assert figures["sent_bytes_per_request"] > 1000
    assert 0 < figures["app_cpu_ms_per_request"] < figures["cpu_ms_per_request"]
