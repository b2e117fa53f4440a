"""Comparisons of arms, against known answers."""

import math

import numpy as np
import pytest
from scipy import stats

from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics import Comparison, Difference, compare, difference, ecdf, interval, order_effect
from twinshop.lab.statistics.intervals import FEWEST_FOR_BCA, mean


def trial(arm, block, value, position=0, void=None, figure="first_page_s", **factors):
    outcome = Outcome({} if value is None else {figure: value}, void=void)
    return Trial(f"t-{position:04}", Spec("startup", arm, block, factors), position, "2026-01-01T00:00:00Z", 1, outcome)


def pairs(ratios, baseline=2.0):
    """A block for each ratio; the baseline differs from block to block, the ratio does not care."""
    return [
        trial(arm, block, value)
        for block, ratio in enumerate(ratios)
        for arm, value in (("mono", baseline * (1 + block)), ("micro", baseline * (1 + block) * ratio))
    ]


def compared(trials, **more):
    return compare(trials, "first_page_s", "mono", "micro", **{"smaller_is_better": True, **more})


def test_the_ratio_is_the_geometric_mean_of_other_over_baseline_over_the_blocks():
    assert compared(pairs([1.0, 2.0, 4.0])).ratio == pytest.approx(2.0)


def test_a_few_blocks_have_the_t_interval_of_their_log_ratios():
    ratios = [1.6, 1.7, 1.9, 1.8]
    logs = np.log(ratios)
    low, high = stats.t.interval(0.95, 3, logs.mean(), logs.std(ddof=1) / 2)

    found = compared(pairs(ratios))

    assert (found.low, found.high) == pytest.approx((math.exp(low), math.exp(high)))
    assert (found.n, found.method) == (4, "t")


def test_ten_blocks_have_the_paired_bca_interval_of_scipy():
    random = np.random.default_rng(5)
    mono = random.lognormal(0, 0.5, 12)
    micro = mono * random.lognormal(0.3, 0.1, 12)
    trials = [trial("mono", block, value) for block, value in enumerate(mono)]
    trials += [trial("micro", block, value) for block, value in enumerate(micro)]

    def log_ratio(other, baseline):
        return np.mean(np.log(other / baseline))

    oracle = stats.bootstrap(
        (micro, mono), log_ratio, paired=True, vectorized=False, n_resamples=4000, method="BCa", rng=9
    ).confidence_interval
    found = compared(trials)

    assert (found.n, found.method) == (12, "BCa")
    assert (math.log(found.low), math.log(found.high)) == pytest.approx((oracle.low, oracle.high), abs=0.004)
    assert found == compared(trials), "the same seed gives the same interval"


def test_pairs_are_made_by_block_so_a_slow_block_does_not_count():
    steady = compared(pairs([1.5, 1.5, 1.5, 1.5]))

    assert steady.ratio == pytest.approx(1.5)
    assert (steady.low, steady.high) == pytest.approx((1.5, 1.5)), "all ratios equal: an interval without length"


def test_one_block_has_a_ratio_and_no_interval_and_none_has_neither():
    one, none = compared(pairs([1.5])), compared([])

    assert (one.ratio, one.n, one.verdict) == (pytest.approx(1.5), 1, "inconclusive")
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    assert math.isnan(none.ratio)
    assert (none.n, none.verdict, none.words) == (0, "inconclusive", "too few blocks to tell")


def test_void_trials_missing_figures_and_blocks_with_one_arm_do_not_count():
    trials = [
        *pairs([2.0, 2.0, 2.0]),
        trial("mono", 7, 1.0),
        trial("micro", 7, 99.0, void="the generator was late"),
        trial("mono", 8, 1.0),
        trial("micro", 8, None),
        trial("mono", 9, math.nan),
        trial("micro", 9, 99.0),
        trial("micro", 10, 99.0),
    ]

    assert (compared(trials).ratio, compared(trials).n) == (pytest.approx(2.0), 3)


def test_where_chooses_trials_by_their_factors():
    trials = [
        trial(arm, block, value, runtime=runtime)
        for block, (runtime, micro) in enumerate([("docker", 2.0), ("local", 8.0)])
        for arm, value in (("mono", 1.0), ("micro", micro))
    ]

    assert compared(trials, where={"runtime": "local"}).ratio == pytest.approx(8.0)
    assert compared(trials, where={"runtime": "both"}).n == 0
    assert compared(trials).ratio == pytest.approx(4.0)


def test_a_block_with_several_cells_counts_once():
    trials = [
        trial(arm, 0, value, fault=fault)
        for fault, micro in (("crash", 2.0), ("hang", 8.0))
        for arm, value in (("mono", 1.0), ("micro", micro))
    ]

    assert (compared(trials).ratio, compared(trials).n) == (pytest.approx(4.0), 1)


def test_an_arm_that_is_twice_in_a_block_is_an_error():
    with pytest.raises(ValueError, match="mono is twice in block 0 of startup"):
        compared([*pairs([2.0]), trial("mono", 0, 3.0)])


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_a_figure_that_is_not_above_zero_has_no_ratio(bad):
    with pytest.raises(ValueError, match="take `difference` instead"):
        compared([*pairs([2.0]), trial("mono", 1, 1.0), trial("micro", 1, bad)])


def test_a_difference_is_other_minus_baseline_and_may_be_of_zeros():
    trials = [
        trial(arm, block, value, figure="failed")
        for block, lost in enumerate([3, 5, 4])
        for arm, value in (("mono", lost), ("micro", 0))
    ]

    found = difference(trials, "failed", "mono", "micro", smaller_is_better=True)

    low, high = stats.t.interval(0.95, 2, -4, 1 / math.sqrt(3))
    assert (found.value, found.low, found.high) == pytest.approx((-4, low, high))
    assert (found.verdict, found.words) == ("better", "micro is better")


def test_no_failures_at_all_are_no_difference():
    trials = [trial(arm, block, 0, figure="failed") for block in range(3) for arm in ("mono", "micro")]

    found = difference(trials, "failed", "mono", "micro", smaller_is_better=True)

    assert (found.value, found.low, found.high, found.verdict) == (0, 0, 0, "equivalent")


@pytest.mark.parametrize(
    ("low", "high", "smaller_is_better", "verdict"),
    [
        (1.2, 1.5, True, "worse"),
        (1.2, 1.5, False, "better"),
        (0.5, 0.8, True, "better"),
        (0.5, 0.8, False, "worse"),
        (0.95, 1.05, True, "equivalent"),
        (1.01, 1.04, True, "equivalent"),
        (1.01, 1.06, True, "worse"),
        (0.94, 1.04, True, "inconclusive"),
        (0.9, 1.0, True, "inconclusive"),
        (math.nan, math.nan, True, "inconclusive"),
    ],
)
def test_verdicts_of_ratios(low, high, smaller_is_better, verdict):
    middle = math.sqrt(low * high)
    assert Comparison("x_s", "mono", "micro", middle, low, high, 5, smaller_is_better).verdict == verdict


@pytest.mark.parametrize(
    ("low", "high", "margin", "verdict"),
    [
        (1, 3, 0, "worse"),
        (-3, -1, 0, "better"),
        (-1, 2, 0, "inconclusive"),
        (-1, 2, 2, "equivalent"),
        (1, 3, 2, "worse"),
    ],
)
def test_verdicts_of_differences(low, high, margin, verdict):
    assert (
        Difference("failed", "mono", "micro", 1.0, low, high, 5, smaller_is_better=True, margin=margin).verdict
        == verdict
    )


@pytest.mark.parametrize(
    ("low", "high", "words"), [(0.97, 1.1, "no difference, as it should be"), (1.01, 1.1, "differs from itself")]
)
def test_an_arm_against_itself_is_a_check_of_the_noise(low, high, words):
    again = Comparison("x_s", "mono", "mono again", 1.03, low, high, 5, smaller_is_better=True)

    assert again.noise_check
    assert again.words.startswith(words)
    assert not Comparison("x_s", "mono", "micro", 1.0, 0.9, 1.1, 5, smaller_is_better=True).noise_check


def covered(n, seed, samples=300):
    """How often the interval of the mean of n normal values holds the true mean."""
    random = np.random.default_rng(seed)
    found = [mean(random.normal(3, 1, n)) for _ in range(samples)]
    return sum(each.low <= 3 <= each.high for each in found) / samples


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    assert 0.92 <= covered(3, seed=1) <= 0.985
    assert 0.92 <= covered(FEWEST_FOR_BCA - 1, seed=2) <= 0.985
    assert 0.88 <= covered(FEWEST_FOR_BCA, seed=3) <= 0.98
    assert 0.91 <= covered(30, seed=4, samples=200) <= 0.98


def test_the_median_has_the_interval_of_order_statistics():
    found = interval([9, 1, 8, 2, 7, 3, 6, 4, 5, 10])

    # P(Binomial(10, 1/2) ≤ 1) = 11 / 1024, twice that is below 5 %; with ≤ 2 it would be 11 %
    assert (found.value, found.low, found.high, found.method) == (5.5, 2, 9, "order statistics")


def test_five_values_are_too_few_for_a_median_s_interval():
    assert math.isnan(interval([1, 2, 3, 4, 5]).low)
    assert interval([1, 2, 3, 4, 5, 6]).low == 1


def test_the_interval_of_a_mean_is_that_of_t_for_a_few_values():
    found = interval([1.0, 2.0, 3.0], "mean")

    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 2, 2, 1 / math.sqrt(3)))


def test_no_values_and_no_numbers_have_no_interval():
    for bad in ([], [1, math.nan], [1, math.inf]):
        with pytest.raises(ValueError, match="only finite numbers"):
            interval(bad)


def test_a_distribution_and_its_band():
    found = ecdf([3, 1, 1, 2])

    assert found.x.tolist() == [1, 2, 3]
    assert found.share.tolist() == [0.5, 0.75, 1.0]
    half = math.sqrt(math.log(2 / 0.05) / 8)
    assert found.low.tolist() == pytest.approx([max(0, 0.5 - half), 0.75 - half, 1 - half])
    assert found.high.tolist() == [1.0, 1.0, 1.0]


def test_the_band_holds_the_whole_truth_in_95_percent():
    random = np.random.default_rng(6)
    held = 0
    for _ in range(400):
        found = ecdf(random.uniform(0, 1, 40))
        before_each_step = np.concatenate([found.high[:1] - 1 / 40, found.high[:-1]])
        held += bool(((found.low <= found.x) & (found.x <= before_each_step)).all())
    assert held / 400 >= 0.94


def test_a_drift_over_the_run_is_seen_whatever_the_arms_are_like():
    trials = [
        trial(arm, block, level * (1 + 0.02 * (2 * block + at)), position=2 * block + at)
        for block in range(8)
        for at, (arm, level) in enumerate([("mono", 1.0), ("micro", 5.0)])
    ]

    found = order_effect(trials, "first_page_s")

    assert found.rho > 0.9
    assert found.n == 16
    assert found.suspicious


def test_no_drift_is_seen_where_there_is_none():
    random = np.random.default_rng(8)
    trials = [
        trial(arm, block, level * random.lognormal(0, 0.1), position=2 * block + at)
        for block in range(10)
        for at, (arm, level) in enumerate([("mono", 1.0), ("micro", 5.0)])
    ]

    assert not order_effect(trials, "first_page_s").suspicious


def test_a_few_values_tell_nothing_of_a_drift():
    trials = [trial("mono", block, 1.0 + block, position=block) for block in range(7)]

    found = order_effect(trials, "first_page_s")

    assert math.isnan(found.rho)
    assert not found.suspicious
