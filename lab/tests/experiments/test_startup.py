"""The design of the startup experiment. Its real trials are those of a lesson: tests/lessons/test_lessons.py."""

import pytest

from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.startup.experiment import EXPERIMENT, STARTED
from twinshop.lab.results.trial import Outcome, Spec, Trial


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


def test_a_report_has_the_components_of_its_run_not_those_of_today():
    figures = {f"{kind}_{name}": 1.0 for kind in ("cold", "warm") for name in STARTED}
    figures |= {"restart_storefront_s": 1.0, "restart_reviews_s": 2.0}
    figures |= {"idle_memory_bytes": 1.0, "idle_memory_with_stores_bytes": 1.0}
    trials = [
        Trial(
            f"startup-{at}", Spec("startup", arm, at // 2, {"runtime": "local"}), at, "", 1.0, Outcome(figures, detail)
        )
        for detail in ({"warm": []},)
        for at, arm in enumerate(["mono", "micro"] * 3)
    ]

    section = EXPERIMENT.section(trials, [])

    (restarts,) = (table for table in section.tables if table.name == "startup-restarts")
    assert [row[1] for row in restarts.rows] == ["storefront", "reviews"]
