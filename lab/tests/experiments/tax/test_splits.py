"""Splits, their blast radius and the frontier, against what can be worked out on paper."""

import pytest

from twinshop.lab.experiments.communication.frontier import Point, frontier, predicted, prices, remote_calls
from twinshop.lab.load.api import BALANCED, JOURNEYS
from twinshop.lab.load.needs import NEEDS
from twinshop.lab.measurement import blast_radius, splits
from twinshop.lab.shapes import COMPONENTS, parse

EVERY = splits.every_split()
NAMED = splits.BY_NAME


def test_five_components_can_be_split_in_52_ways_each_with_a_name_of_its_own():
    assert len(EVERY) == len({split.name for split in EVERY}) == 52
    assert all(sorted(sum(split.groups, ())) == sorted(COMPONENTS) for split in EVERY)


def test_every_split_is_a_shape_that_can_be_brought_up():
    for split in EVERY:
        hosted = {process.components for process in parse(split.shape).processes}
        assert {frozenset(each) for each in hosted} == {frozenset(group) for group in split.groups}


def test_a_split_is_named_by_what_is_out():
    assert splits.split_of([("translate",), ("payment", "catalog"), ("cart", "storefront")]).name == (
        "catalog+payment, translate out"
    )
    assert (EVERY[0].name, EVERY[-1].name) == ("mono", "micro")


def test_those_measured_by_default_exist_and_include_both_ends():
    assert {"mono", "micro"} < set(splits.CHOSEN) < set(NAMED)


def test_every_journey_of_the_load_has_its_needs():
    assert set(NEEDS) == set(JOURNEYS)
    assert all("storefront" in needs and needs <= set(COMPONENTS) for needs in NEEDS.values())


def test_in_a_monolith_any_crash_takes_every_session():
    assert blast_radius.blast_radius(NAMED["mono"], BALANCED) == 1


def test_alone_a_component_takes_only_the_journeys_that_need_it():
    lost = {component: blast_radius.lost(NAMED["micro"], component, BALANCED) for component in COMPONENTS}

    assert lost == {"storefront": 1, "catalog": 0.9, "cart": 0.2, "payment": 0.1, "translate": 0.2}
    assert blast_radius.blast_radius(NAMED["micro"], BALANCED) == pytest.approx(0.48)


def test_the_blast_radius_is_weighted_by_the_mix():
    only_checkout = {"checkout": 1.0}

    assert blast_radius.blast_radius(NAMED["micro"], only_checkout) == pytest.approx(0.8)
    assert blast_radius.lost(NAMED["micro"], "translate", only_checkout) == 0


def test_a_component_that_shares_its_process_takes_the_others_along():
    split = NAMED["cart+payment out"]

    assert blast_radius.lost(split, "payment", BALANCED) == pytest.approx(0.2)
    assert blast_radius.lost(split, "translate", BALANCED) == 1


def test_no_split_is_below_the_microservices_or_above_the_monolith():
    least = blast_radius.blast_radius(NAMED["micro"], BALANCED)

    assert all(least - 1e-9 <= blast_radius.blast_radius(split, BALANCED) <= 1 for split in EVERY)


@pytest.mark.parametrize("components", [COMPONENTS, (*COMPONENTS, "reviews"), COMPONENTS[:-1]])
def test_a_split_is_found_again_by_its_name_whatever_components_the_shop_has(components):
    for split in splits.every_split(components):
        assert splits.split_named(split.name, components) == split
        assert sorted(split.components) == sorted(components)


def point(name, cost, radius):
    return Point(NAMED[name], cost, radius)


def test_the_frontier_has_those_that_no_other_beats():
    mono, payment, translate = point("mono", 1, 1), point("payment out", 1.1, 0.8), point("translate out", 1.3, 0.82)
    front, micro = point("catalog+cart+payment+translate out", 2.1, 0.9), point("micro", 2, 0.5)

    assert frontier([micro, translate, mono, front, payment]) == [mono, payment, micro]


def test_of_two_with_the_same_blast_radius_the_cheaper_one_is_on_the_frontier():
    cheap, dear = point("payment out", 1.1, 0.8), point("translate out", 1.2, 0.8)

    assert frontier([dear, cheap]) == [cheap]


def test_of_two_with_the_same_cost_the_safer_one_is_on_the_frontier():
    safe, unsafe = point("payment out", 1.1, 0.7), point("translate out", 1.1, 0.8)

    assert frontier([unsafe, safe]) == [safe]


def test_what_calls_and_processes_cost_is_found_apart():
    calls, processes = [0.2, 0.8, 1.3, 4.5, 4.5], [1, 2, 3, 1, 4]
    extra = [1.0 * each + 10 / 7.8 * more for each, more in zip(calls, processes, strict=True)]  # 1 ms a call, 10 ms/s

    assert prices(calls, processes, extra) == pytest.approx((1.0, 10 / 7.8))


@pytest.mark.parametrize("calls", [[0, 0], [2, 4]])
def test_calls_and_processes_that_go_together_have_no_prices(calls):
    with pytest.raises(ValueError, match="cannot be told apart"):
        prices(calls, [1, 2], [1, 2])


def test_a_split_that_was_not_measured_costs_what_its_remote_calls_and_processes_cost():
    calls = {"catalog": 3.0, "cart": 1.0, "payment": 0.5, "translate": 0.5}
    (one,) = predicted([NAMED["cart+payment out"]], calls, (0.1, 0.2), BALANCED)

    assert remote_calls(NAMED["micro"], calls) == 5
    assert remote_calls(NAMED["mono"], calls) == 0
    assert (one.cost, one.measured) == (pytest.approx(1.35), False)
