"""The startup experiment: its plan on paper, and one real trial."""

from pathlib import Path

import pytest

from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.startup.experiment import EXPERIMENT
from twinshop.lab.experiments.startup.trial import PHASES
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Spec
from twinshop.lab.shapes import COMPONENTS

ROOT = Path(__file__).parents[3]


def test_a_full_run_makes_thirty_warm_and_ten_cold_starts_of_each_shape_on_each_runtime():
    specs = EXPERIMENT.plan(Request("full", ("docker", "local")))

    for runtime in ("docker", "local"):
        for arm in ("mono", "micro", "mono again"):
            own = [spec for spec in specs if spec.arm == arm and spec.factors == {"runtime": runtime}]
            assert len(own) == 10
    blocks = {}
    for spec in specs:
        blocks.setdefault(spec.block, []).append(spec)
    assert {(len(each), len({spec.factors["runtime"] for spec in each})) for each in blocks.values()} == {(3, 1)}


@pytest.mark.parametrize(("starts", "blocks"), [(1, 1), (3, 1), (4, 2), (60, 20)])
def test_the_number_of_warm_starts_can_be_chosen(starts, blocks):
    specs = EXPERIMENT.plan(Request("full", ("local",), repeats=starts))

    assert len(specs) == blocks * 3


@pytest.mark.parametrize("arm", ["mono", "micro"])
@pytest.mark.integration
def test_a_trial_measures_real_starts(tmp_path, arm):
    bench = Bench(ROOT, tmp_path, 1, (0,), (1,), print)

    outcome = EXPERIMENT.run(Spec("startup", arm, 0, {"runtime": "local"}), Request("smoke", ("local",)), bench)

    figures = outcome.figures
    for kind in ("cold", "warm"):
        assert 0 < figures[f"{kind}_first_page_s"] <= figures[f"{kind}_first_order_s"]
        assert figures[f"{kind}_ready_s"] > 0
        assert figures[f"{kind}_cpu_s"] > 0
    assert all(figures[f"restart_{component}_s"] > 0 for component in COMPONENTS)
    assert figures["idle_memory_with_stores_bytes"] > figures["idle_memory_bytes"] > 2**20
    parts = outcome.detail["cold"]["parts"]
    assert set(parts) == ({"mono"} if arm == "mono" else set(COMPONENTS))
    for phases in parts.values():
        assert tuple(phases) == PHASES
        assert min(phases["interpreter"], phases["imports"], phases["initialise"]) > 0
        assert sum(phases.values()) == pytest.approx(figures["cold_ready_s"], rel=1.0)
    assert outcome.void is None
