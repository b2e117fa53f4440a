"""The statistics keep what they promise: fast, seeded versions of what `twinshop simulate` prints."""

import numpy as np
import pytest

from twinshop.lab.experiments.until import LOOKS
from twinshop.lab.simulation.command import tables
from twinshop.lab.simulation.coverage import SCENARIOS, coverage
from twinshop.lab.simulation.drift import drifts_found
from twinshop.lab.simulation.family import family_wise_errors
from twinshop.lab.simulation.prices import found as prices_found
from twinshop.lab.simulation.stopping import stopped
from twinshop.lab.statistics.evidence import Zone, holm, p_beyond, p_within
from twinshop.lab.statistics.steady import noise_of, power

SEED = 20261201
SAMPLES = 4000


@pytest.mark.parametrize("n", [2, 3, 5, 10, 30])
def test_intervals_hold_the_truth_as_often_as_they_say(n):
    assert coverage(SCENARIOS["normal"], n, SAMPLES, SEED) == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize(("n", "held"), [(2, 0.909), (3, 0.884), (10, 0.901)])
def test_skewed_ratios_are_held_less_often_by_as_much_as_is_documented(n, held):
    assert coverage(SCENARIOS["exponential"], n, SAMPLES, SEED) == pytest.approx(held, abs=0.015)


@pytest.mark.parametrize(("n", "held"), [(2, 0.93), (3, 0.884), (10, 0.748)])
def test_disturbed_blocks_are_what_intervals_of_ten_do_not_hold(n, held):
    assert coverage(SCENARIOS["10 % of the blocks disturbed"], n, SAMPLES, SEED) == pytest.approx(held, abs=0.02)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_balanced_order_keeps_what_comes_later_out_of_the_intervals(n):
    drawn = coverage(SCENARIOS["later arm +5 %, random order"], n, SAMPLES, SEED)
    balanced = coverage(SCENARIOS["later arm +5 %, balanced order"], n, SAMPLES, SEED)

    assert drawn < 0.9
    assert balanced >= 0.945


@pytest.mark.parametrize(("ratio", "blocks", "shared"), [(1.05, 3, 0.0), (1.05, 10, 0.5), (1.02, 5, 0.0)])
def test_at_most_one_run_in_twenty_calls_any_claim_clear_that_is_not(ratio, blocks, shared):
    alone, corrected = family_wise_errors(19, blocks, SAMPLES, SEED, ratio=ratio, shared=shared)

    assert corrected <= 0.05 + 0.008
    assert corrected <= alone


def test_without_the_correction_some_claim_is_wrong_in_every_third_run():
    alone, _ = family_wise_errors(19, 5, SAMPLES, SEED)

    assert alone > 0.3


@pytest.mark.parametrize(("blocks", "arms"), [(4, 3), (3, 7), (6, 3), (10, 2)])
def test_blocks_that_differ_raise_no_false_alarm_of_a_drift(blocks, arms):
    assert drifts_found(blocks, arms, SAMPLES, SEED) <= 0.01 + 0.005


def test_a_drift_within_the_blocks_is_found():
    assert drifts_found(6, 3, 500, SEED, slope=0.1) > 0.9


def test_p_values_are_even_at_the_border_of_the_zone():
    zone = Zone(-0.05, 0.05)
    data = np.random.default_rng(SEED).normal(0.05, 0.1, (SAMPLES, 4))
    value, error = data.mean(axis=1), data.std(axis=1, ddof=1) / 2

    assert np.mean(p_beyond(value, error, 3, zone) < 0.05) == pytest.approx(0.025, abs=0.008)
    assert np.mean(p_within(value, error, 3, zone) < 0.05) <= 0.025 + 0.008


def test_holm_multiplies_the_smallest_by_all_the_next_by_one_less_and_never_lets_one_overtake():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]).tolist() == [1.0, 1.0]
    assert holm([[0.01, 0.02], [0.2, 0.01]]).tolist() == [pytest.approx([0.02, 0.02]), pytest.approx([0.2, 0.02])]


def test_sixteen_seconds_see_next_to_nothing_and_forty_quiet_ones_do():
    assert power(0.15, 0.13, 16, samples=60) < 0.15
    assert power(0.15, 0.05, 40, samples=60) > 0.9
    assert power(0.0, 0.05, 40, samples=60) < 0.1
    assert power(0.5, 0.05, 9) == 0.0


def test_the_noise_is_found_and_a_step_is_not_taken_for_it():
    random = np.random.default_rng(SEED)
    values = 20 * np.exp(random.normal(0, 0.13, 400)) * np.where(np.arange(400) < 200, 1, 2)

    assert noise_of(values.tolist()) == pytest.approx(0.13, rel=0.15)
    assert np.isnan(noise_of([1.0, float("nan"), 2.0]))


def test_who_stops_at_the_first_clear_interval_is_wrong_too_often_unless_the_looks_are_allowed_for():
    ordinary, _ = stopped(LOOKS, SAMPLES, SEED, looks=1)
    allowed, blocks = stopped(LOOKS, SAMPLES, SEED, looks=len(LOOKS))

    assert ordinary < 0.90
    assert allowed >= 0.95 - 0.005
    assert blocks <= LOOKS[-1]


def test_a_wide_enough_width_ends_a_run_at_the_first_look():
    assert stopped(LOOKS, 100, SEED, looks=len(LOOKS), width=100.0)[1] == LOOKS[0]


def test_a_millisecond_a_call_and_ten_a_second_and_process_are_found_again():
    (call, call_covered), (process, process_covered) = prices_found(5, 600, SEED, call=1.0, process=10.0)

    assert call == pytest.approx(1.0, abs=0.02)
    assert process == pytest.approx(10.0, abs=0.2)
    assert call_covered >= 0.92
    assert process_covered >= 0.92


@pytest.mark.parametrize(("call", "process"), [(0.0, 10.0), (1.0, 0.0)])
def test_neither_price_is_taken_for_the_other(call, process):
    (of_call, _), (of_process, _) = prices_found(5, 60, SEED, call=call, process=process)

    assert of_call == pytest.approx(call, abs=0.04)
    assert of_process == pytest.approx(process, abs=0.4)


def test_the_command_prints_every_table():
    found = list(tables(50, SEED))

    assert [title.partition(",")[0] for title, *_ in found] == [
        "How often a 95 % interval (t) covers the true value",
        "Runs with any wrong verdict among 19 claims",
        "Figures reported to drift (p < 0.01)",
        "Runs that stop by need",
        "Prices of a call and of a process that are found again",
        "Steps in latency that the steady-state test detects",
    ]
    assert all(len(row) == len(header) for _, header, rows in found for row in rows)
