"""Comparisons of arms, against known answers."""

import math

import numpy as np
import pytest
import scipy

from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics.compare import compare, difference
from twinshop.lab.statistics.ecdf import ecdf
from twinshop.lab.statistics.intervals import interval, mean
from twinshop.lab.statistics.verdict import Comparison, Difference


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
    low, high = scipy.stats.t.interval(0.95, 3, logs.mean(), logs.std(ddof=1) / 2)

    found = compared(pairs(ratios))

    assert (found.low, found.high) == pytest.approx((math.exp(low), math.exp(high)))
    assert (found.n, found.method) == (4, "t")


@pytest.mark.parametrize("number", [2, 3, 10, 30])
def test_every_number_of_blocks_has_the_t_interval_of_scipy(number):
    ratios = np.random.default_rng(5).lognormal(0.3, 0.1, number)
    logs = np.log(ratios)
    oracle = scipy.stats.t.interval(0.95, number - 1, logs.mean(), scipy.stats.sem(logs))

    found = compared(pairs(ratios))

    assert (math.log(found.low), math.log(found.high)) == pytest.approx(oracle)
    assert (found.n, found.method) == (number, "t")


def test_pairs_are_made_by_block_so_a_slow_block_does_not_count():
    assert compared(pairs([1.5, 1.5, 1.5, 1.5])).ratio == pytest.approx(1.5)


@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0], [1.0, 1.0], [0.3] * 12, [1e-12, 1e-12], [-7.0, -7.0]])
def test_values_that_are_all_the_same_have_no_interval_of_no_width(values):
    found = mean(values)

    assert (found.value, found.n, found.method) == (pytest.approx(values[0]), len(values), "no variation")
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert interval(values, "median").method in ("no variation", "none")


def test_ratios_that_are_all_the_same_are_told_without_a_verdict():
    found = compared(pairs([1.5, 1.5, 1.5]))

    assert (found.verdict, found.words) == ("inconclusive", "the same in all blocks")


def test_what_is_counted_has_no_interval_and_a_verdict_all_the_same():
    found = compared(pairs([0.5, 0.5]), counted=True)

    assert (found.ratio, found.method, found.verdict) == (pytest.approx(0.5), "counted", "better")
    assert math.isnan(found.low)
    assert compared(pairs([1.01, 1.01]), counted=True).verdict == "equivalent"


def test_blocks_of_the_same_mix_are_one_unit_and_mixes_are_named():
    trials = [
        trial(arm, block, value, mix=mix)
        for block, (mix, ratio) in enumerate([("a", 2.0), ("a", 8.0), ("b", 4.0)])
        for arm, value in (("mono", 1.0), ("micro", ratio))
    ]

    found = compared(trials, unit="mix")

    assert (found.ratio, found.n, found.counted) == (pytest.approx(4.0), 2, "2\N{NO-BREAK SPACE}mixes")
    assert compared(trials).counted == "3\N{NO-BREAK SPACE}blocks"


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
    with pytest.raises(ValueError, match="use `difference` instead"):
        compared([*pairs([2.0]), trial("mono", 1, 1.0), trial("micro", 1, bad)])


def test_a_difference_is_other_minus_baseline_and_may_be_of_zeros():
    trials = [
        trial(arm, block, value, figure="failed")
        for block, lost in enumerate([3, 5, 4])
        for arm, value in (("mono", lost), ("micro", 0))
    ]

    found = difference(trials, "failed", "mono", "micro", smaller_is_better=True)

    low, high = scipy.stats.t.interval(0.95, 2, -4, 1 / math.sqrt(3))
    assert (found.value, found.low, found.high) == pytest.approx((-4, low, high))
    assert (found.verdict, found.words) == ("better", "micro is better")


def test_no_failures_at_all_in_three_blocks_prove_nothing():
    trials = [trial(arm, block, 0, figure="failed") for block in range(3) for arm in ("mono", "micro")]

    found = difference(trials, "failed", "mono", "micro", smaller_is_better=True)

    assert (found.value, found.verdict, found.words) == (0, "inconclusive", "the same in all blocks")
    assert math.isnan(found.low)


@pytest.mark.parametrize(
    ("low", "high", "smaller_is_better", "verdict"),
    [
        (1.2, 1.5, True, "worse"),
        (1.2, 1.5, False, "better"),
        (1.051, 1.5, True, "worse"),
        (1.049, 1.5, True, "small"),
        (1.049, 1.5, False, "small"),
        (0.94, 0.96, True, "small"),
        (0.9, 0.949, True, "better"),
        (0.5, 0.8, True, "better"),
        (0.5, 0.8, False, "worse"),
        (0.95, 1.05, True, "equivalent"),
        (1.01, 1.04, True, "equivalent"),
        (1.01, 1.06, True, "small"),
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
        (1, 3, 2, "small"),
        (2.5, 3, 2, "worse"),
    ],
)
def test_verdicts_of_differences(low, high, margin, verdict):
    assert (
        Difference("failed", "mono", "micro", 1.0, low, high, 5, smaller_is_better=True, margin=margin).verdict
        == verdict
    )


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.97, 1.04, "equivalent"),
        (0.96, 0.99, "equivalent"),
        (0.97, 1.1, "too noisy"),
        (0.02, 32, "too noisy"),
        (1.01, 1.1, "differs"),
        (0.761, 0.9, "differs"),
        (math.nan, math.nan, "unknown"),
    ],
)
def test_an_arm_against_itself_is_a_check_of_the_noise_with_three_outcomes(low, high, outcome):
    again = Comparison("x_s", "mono", "mono again", math.sqrt(low * high), low, high, 5, smaller_is_better=True)

    assert again.noise_check
    assert again.outcome == outcome
    assert ("as it should be" in again.words) == (outcome == "equivalent")
    assert not Comparison("x_s", "mono", "micro", 1.0, 0.9, 1.1, 5, smaller_is_better=True).noise_check


def checked(low, high, own=(1.5, 2.5)):
    """A comparison with such an A/A pair."""
    pair = Comparison("x_s", "mono", "mono again", math.sqrt(low * high), low, high, 5, smaller_is_better=True)
    middle = math.sqrt(own[0] * own[1])
    return Comparison("x_s", "mono", "micro", middle, *own, 5, smaller_is_better=True, check=pair)


@pytest.mark.parametrize(
    ("pair", "own", "verdict"),
    [
        ((0.97, 1.04), (1.5, 2.5), "worse"),  # it rules out what matters: nothing changes
        ((0.80, 0.90), (1.5, 2.5), "worse"),  # 1.5 x 0.8 is still beyond 5 %
        ((0.68, 0.90), (1.5, 2.5), "small"),  # 1.5 x 0.68 = 1.02
        ((0.60, 0.90), (1.5, 2.5), "inconclusive"),
        ((0.70, 1.50), (1.5, 2.5), "worse"),  # noisy, but the effect is larger than what it leaves open
        ((0.40, 2.00), (1.5, 2.5), "inconclusive"),
        ((0.02, 32.0), (4.7, 6.2), "inconclusive"),
        ((0.90, 1.20), (0.97, 1.03), "inconclusive"),  # no equivalence either, where the noise is larger
        ((1.06, 1.10), (0.97, 1.03), "inconclusive"),
    ],
)
def test_a_pair_that_fails_widens_or_withdraws_the_verdicts_of_its_figure(pair, own, verdict):
    assert checked(*pair, own=own).verdict == verdict


def test_a_comparison_brings_the_pair_of_its_figure_and_runtime():
    trials = [
        trial(arm, 10 * at + block, value * (1 + block / 50), runtime=runtime)
        for at, (runtime, again) in enumerate([("docker", 1.0), ("local", 0.8)])
        for block in range(3)
        for arm, value in (("mono", 1.0), ("mono again", again), ("micro", 2.0))
    ]
    trials += [trial(arm, 50, 1.0, runtime="local", patch="other") for arm in ("mono", "micro")]

    docker, local = (compared(trials, where={"runtime": runtime}) for runtime in ("docker", "local"))

    assert (docker.check.other, docker.check.ratio) == ("mono again", pytest.approx(1.0))
    assert local.check.ratio == pytest.approx(0.8)
    assert compared(trials, where={"runtime": "local", "patch": "other"}).check.ratio == pytest.approx(0.8)
    assert compared([each for each in trials if each.spec.arm != "mono again"]).check is None


@pytest.mark.parametrize("ratio", [1.3, 0.6, 1.0])
def test_the_p_of_a_verdict_is_below_5_percent_just_where_the_interval_gives_it(ratio):
    random = np.random.default_rng(11)
    for spread in (0.01, 0.02, 0.05, 0.1, 0.3):
        found = compared(pairs(ratio * random.lognormal(0, spread, 5)))
        assert (found.p < 0.05) == (found.verdict in ("better", "worse", "equivalent"))


def covered(n, seed, samples=300):
    """How often the interval of the mean of n normal values holds the true mean."""
    random = np.random.default_rng(seed)
    found = [mean(random.normal(3, 1, n)) for _ in range(samples)]
    return sum(each.low <= 3 <= each.high for each in found) / samples


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    assert 0.92 <= covered(3, seed=1) <= 0.985
    assert 0.92 <= covered(10, seed=3) <= 0.985


def test_the_median_has_the_interval_of_order_statistics():
    found = interval([9, 1, 8, 2, 7, 3, 6, 4, 5, 10])

    # P(Binomial(10, 1/2) ≤ 1) = 11 / 1024, twice that is below 5 %; with ≤ 2 it would be 11 %
    assert (found.value, found.low, found.high, found.method) == (5.5, 2, 9, "order statistics")


def test_five_values_are_too_few_for_a_median_s_interval():
    assert math.isnan(interval([1, 2, 3, 4, 5]).low)
    assert interval([1, 2, 3, 4, 5, 6]).low == 1


def test_the_interval_of_a_mean_is_that_of_t_for_a_few_values():
    found = interval([1.0, 2.0, 3.0], "mean")

    assert (found.low, found.high) == pytest.approx(scipy.stats.t.interval(0.95, 2, 2, 1 / math.sqrt(3)))


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
