"""The search against shops whose capacity is known, with and without noise."""

import random
from dataclasses import replace
from math import exp, isnan

import pytest

from twinshop.lab.experiments.scaling.search import Search, find

SEARCH = Search(start=30, lowest=1, highest=400, most_probes=40)


def shop(capacity):
    return lambda rate, _: rate <= capacity


def noisy_shop(capacity, spread, seed):
    """Passes with a probability that falls from 1 to 0 within a few `spread` (a ratio) of the capacity."""
    luck = random.Random(seed)
    return lambda rate, _: luck.random() < 1 / (1 + exp((rate / capacity - 1) / (spread / 4)))


@pytest.mark.parametrize("capacity", [1.5, 7, 29.9, 30, 30.1, 64, 390])
def test_a_capacity_is_found_from_below_within_the_tolerance(capacity):
    found = find(shop(capacity), SEARCH)

    assert found.status == "found"
    assert found.capacity <= capacity < found.failed
    assert found.failed <= found.capacity * 1.05 * (1 + 1e-9)
    assert found.contradictions == 0


@pytest.mark.parametrize("tolerance", [0.02, 0.2])
def test_the_tolerance_decides_how_close_it_gets_and_how_long_it_takes(tolerance):
    found = find(shop(64), replace(SEARCH, tolerance=tolerance))
    finer = find(shop(64), replace(SEARCH, tolerance=tolerance / 2))

    assert found.failed / found.capacity - 1 <= tolerance
    assert len(finer.tried) > len(found.tried)


def test_far_from_its_start_the_bracket_takes_ever_longer_steps():
    found = find(shop(350), replace(SEARCH, start=1.2, highest=10_000))

    assert len(found.tried) < 20


def test_an_objective_never_met_is_no_capacity():
    found = find(shop(0.5), SEARCH)

    assert (found.status, isnan(found.capacity), found.failed) == ("never met", True, 1)


def test_an_objective_always_met_gives_the_highest_rate_as_a_lower_bound():
    found = find(shop(1000), SEARCH)

    assert (found.status, found.capacity, isnan(found.failed)) == ("always met", 400, True)
    assert [kind for _, kind, _ in found.tried[-3:]] == ["confirm"] * 3


@pytest.mark.parametrize("start", [0.1, 5000])
def test_no_rate_outside_the_range_is_tried(start):
    found = find(shop(64), replace(SEARCH, start=start))

    assert found.status == "found"
    assert all(1 <= rate <= 400 for rate, _, _ in found.tried)


def test_a_rate_that_passes_once_and_then_fails_is_left_for_a_lower_one():
    def flattering(rate, kind):
        return rate <= (64 if kind == "search" else 50)

    found = find(flattering, SEARCH)

    assert found.status == "found"
    assert 50 / 1.05 <= found.capacity <= 50
    assert found.failed <= found.capacity * 1.05 * (1 + 1e-9)


def test_when_no_confirmation_ever_passes_the_objective_is_never_met():
    found = find(lambda rate, kind: kind == "search" and rate <= 1.2, replace(SEARCH, start=1.1))

    assert (found.status, found.failed) == ("never met", 1)


def test_without_probes_left_nothing_is_confirmed():
    found = find(shop(64), replace(SEARCH, most_probes=4))

    assert (found.status, len(found.tried), isnan(found.capacity)) == ("not confirmed", 4, True)


def test_answers_that_contradict_each_other_are_counted():
    """Passes at 40 and above, fails below: monotonicity violated."""
    found = find(lambda rate, kind: kind == "search" or rate < 37, replace(SEARCH, highest=40))

    assert found.status == "found"
    assert found.capacity < 37
    assert found.contradictions > 0


def test_with_noise_half_of_all_searches_end_within_a_tenth_of_the_capacity_and_all_within_a_quarter():
    ratios = sorted(find(noisy_shop(64, 0.08, seed), SEARCH).capacity / 64 for seed in range(200))

    assert all(0.75 < ratio < 1.1 for ratio in ratios)
    assert 0.9 < ratios[100] < 1.02


def test_what_a_probe_raises_goes_through():
    def broken(rate, kind):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find(broken, SEARCH)
