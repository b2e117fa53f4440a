"""When sessions arrive."""

from collections import Counter

import numpy as np
import pytest
import scipy

from twinshop.lab.load.arrivals import arrivals, poisson
from twinshop.lab.load.plan import JOURNEYS, LoadPlan, Phase
from twinshop.lab.load.profiles import ramp, spike


def plan(*phases, **more):
    return LoadPlan(url="http://127.0.0.1:1", phases=phases, **more)


def test_the_same_seed_gives_the_same_load_and_another_seed_another():
    first, again, other = (arrivals(plan(Phase(60, 20, 20), seed=seed)) for seed in (7, 7, 8))

    assert (first.due, first.journey) == (again.due, again.journey)
    assert first.due != other.due
    assert [first.choices(3).random() for _ in range(2)] == [again.choices(3).random() for _ in range(2)]
    assert first.choices(3).random() != first.choices(4).random() != other.choices(4).random()


def test_another_mix_leaves_the_arrivals_alone():
    phase = Phase(60, 20, 20)

    assert arrivals(plan(phase)).due == arrivals(plan(phase, mix={"cart": 1})).due


def test_counts_of_a_constant_load_are_dispersed_like_a_poisson_process():
    """The variance of counts in windows is their mean; evenly spaced arrivals would give 0, bursts more."""
    due = np.array(list(poisson([Phase(2000, 25, 25)], seed=1)))
    counts = np.bincount(due.astype(int), minlength=2000)

    statistic = (len(counts) - 1) * counts.var(ddof=1) / counts.mean()  # chi-squared with n - 1 degrees of freedom

    assert 0.01 < scipy.stats.chi2.cdf(statistic, len(counts) - 1) < 0.99
    assert counts.mean() == pytest.approx(25, rel=0.02)


def test_gaps_of_a_constant_load_are_exponential():
    gaps = np.diff(list(poisson([Phase(400, 25, 25)], seed=2)))

    assert scipy.stats.kstest(gaps, "expon", args=(0, 1 / 25)).pvalue > 0.01


def test_on_the_axis_of_the_integrated_rate_any_profile_is_a_poisson_process_of_rate_1():
    due = np.array(list(poisson(ramp(2, 40, 300), seed=3)))

    rescaled = 2 * due + (40 - 2) / 300 * due**2 / 2

    assert scipy.stats.kstest(np.diff(rescaled), "expon").pvalue > 0.01


def test_arrivals_follow_the_rates_of_each_phase_and_stay_within_it():
    phases = spike(10, 80, before=100, during=50, after=100)
    due = np.array(list(poisson(phases, seed=4)))

    counts = np.histogram(due, bins=[0, 100, 150, 250])[0]

    assert counts == pytest.approx([1000, 4000, 1000], rel=0.1)
    assert (np.diff(due) >= 0).all()
    assert 0 <= due[0] < due[-1] <= 250


@pytest.mark.parametrize("phases", [[Phase(10, 0, 0), Phase(10, 5, 5)], [Phase(10, 0, 10)], [Phase(10, 10, 0)]])
def test_a_rate_of_0_lets_nobody_in(phases):
    due = list(poisson(phases, seed=5))

    assert len(due) == pytest.approx(50, abs=25)
    assert all(0 < moment <= 20 for moment in due)
    if phases[0].end == 0 == phases[0].start:
        assert min(due) > 10


def test_the_mix_decides_who_comes():
    mix = {"browse": 3, "checkout": 1}
    journeys = arrivals(plan(Phase(1000, 10, 10), mix=mix)).journey

    counts = Counter(JOURNEYS[journey] for journey in journeys)

    assert counts.keys() == mix.keys()
    assert counts["browse"] / len(journeys) == pytest.approx(0.75, abs=0.02)
