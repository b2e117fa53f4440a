"""Which faults are planted, for how long, and what can be set."""

from collections import Counter

import pytest

from twinshop.lab.errors import LabError
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.isolation import design
from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.experiment import EXPERIMENT
from twinshop.lab.experiments.isolation.groups import GROUP
from twinshop.lab.experiments.isolation.settings import settings_of
from twinshop.lab.faults import FAULTS
from twinshop.lab.shapes import COMPONENTS

BOTH = ("docker", "local")


def planned(effort="full", runtimes=BOTH, repeats=None, **options):
    named = {f"isolation.{name}": str(value) for name, value in options.items()}
    return Request(effort, runtimes, repeats, named)


def cells_of(specs):
    return [cell for spec in specs for cell in design.from_text(spec.factors["faults"])]


def minutes(request):
    return sum(EXPERIMENT.expected_seconds(spec, request) for spec in EXPERIMENT.plan(request)) / 60


def test_both_arms_of_a_block_have_the_same_faults():
    specs = EXPERIMENT.plan(planned(repeats=2))
    blocks = {}
    for spec in specs:
        blocks.setdefault(spec.block, {})[spec.arm] = spec.factors

    assert all(arms["mono"] == arms["micro"] for arms in blocks.values())
    assert sum(len(arms) for arms in blocks.values()) == len(specs)


def test_a_full_run_has_the_monolith_twice_for_one_component_of_each_block_in_turn():
    specs = EXPERIMENT.plan(planned(repeats=3))
    again = [spec for spec in specs if spec.arm == "mono again"]

    assert len({spec.factors["faults"] for spec in again}) == len(again) == 3
    assert all(any(spec.block == each.block and spec.arm == "mono" for spec in specs) for each in again)
    assert not any(spec.arm == "mono again" for spec in EXPERIMENT.plan(planned("quick")))


def test_a_full_run_plants_every_usual_fault_into_every_component_that_can_have_it():
    counted = Counter(cells_of(spec for spec in EXPERIMENT.plan(planned()) if spec.arm != "mono again"))

    assert set(counted) == {
        Cell(name, target) for name in design.USUAL for target in COMPONENTS if target in FAULTS[name].targets
    }
    assert set(counted.values()) == {2}  # once in each arm


def test_a_full_run_takes_docker_where_there_is_one_and_a_quick_one_what_starts_soonest():
    assert {spec.factors["runtime"] for spec in EXPERIMENT.plan(planned("full"))} == {"docker"}
    assert {spec.factors["runtime"] for spec in EXPERIMENT.plan(planned("quick"))} == {"local"}
    assert {spec.factors["runtime"] for spec in EXPERIMENT.plan(planned("quick", ("docker",)))} == {"docker"}


def test_the_efforts_take_the_time_that_they_should():
    assert minutes(planned("smoke")) < 1.5
    assert minutes(planned("quick")) < 3.5
    assert minutes(planned("full")) < 90  # windows of 30 s, three of them for the monolith against itself


def test_repeats_are_blocks():
    assert len(EXPERIMENT.plan(planned("quick", repeats=3))) == 3 * len(EXPERIMENT.plan(planned("quick")))


def test_faults_and_targets_can_be_chosen():
    specs = EXPERIMENT.plan(planned(faults="stall,crash", targets="cart,storefront"))

    assert set(cells_of(specs)) == {Cell("stall", "cart"), Cell("crash", "cart"), Cell("crash", "storefront")}


def test_cells_survive_as_text():
    cells = [Cell("crash", "cart"), Cell("hang", "cart"), Cell("crash", "payment")]

    assert design.as_text(cells) == "cart: crash hang; payment: crash"
    assert design.from_text(design.as_text(cells)) == cells


def test_a_fault_that_keeps_visitors_waiting_is_held_until_their_patience_is_over():
    settings = settings_of(planned(fault=6, patience=4))

    assert (settings.windows(Cell("hang", "cart")).fault, settings.windows(Cell("hang", "cart")).hold) == (6, 4)
    assert settings.windows(Cell("errors", "cart")).hold == 0


def test_the_store_front_is_needed_by_every_journey():
    assert Cell("crash", "storefront").needing() == {"browse", "search", "translate", "cart", "checkout"}
    assert Cell("crash", "payment").needing() == {"checkout"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"fault": "long"}, "invalid isolation.fault: .*not `long`"),
        ({"rate": 0}, "invalid isolation.rate: .*greater than 0"),
        ({"base": 1}, "invalid isolation.base: .*greater than or equal to 2"),
        ({"retries": 1.5}, "invalid isolation.retries: .*valid integer"),
        ({"faults": "earthquake"}, "unknown fault 'earthquake': choose from crash"),
        ({"targets": "warehouse"}, "unknown component 'warehouse'"),
        ({"faults": "redis-down", "targets": "translate"}, "translate can have none of the faults redis-down"),
        ({"wishes": 3}, "isolation has no option `wishes`"),
    ],
)
def test_wrong_options_are_told_before_anything_runs(options, told):
    with pytest.raises(LabError, match=told):
        EXPERIMENT.plan(planned(**options))


def test_every_fault_is_in_a_group_of_the_report():
    assert {fault.group for fault in FAULTS.values()} == GROUP.keys()


def test_a_fault_in_code_can_affect_a_share_of_the_calls():
    assert settings_of(planned(share=0.25)).share == 0.25
    assert settings_of(planned()).share == 1
