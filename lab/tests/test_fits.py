"""The scalability law and the search for a steady stretch, against planted answers."""

import math

import numpy as np
import pytest

from twinshop.lab.statistics.steady import steady
from twinshop.lab.statistics.usl import _slopes, fit_usl, peak, throughput

pytestmark = pytest.mark.slow

SPEC_SDM91 = [(1, 64.9), (18, 995.9), (36, 1652.4), (72, 1853.2), (108, 1828.9), (144, 1775.0), (216, 1702.2)]
"""A Sun SPARCcenter 2000 in the SPEC SDM91 benchmark, the example of the R package `usl`."""


def planted(sizes, g, a, b, noise=0.0, repeats=3, seed=1):
    n = np.repeat(np.array(sizes, dtype=float), repeats)
    x = throughput(n, g, a, b) * (1 + noise * np.random.default_rng(seed).normal(size=len(n)))
    return list(zip(n.tolist(), x.tolist(), strict=True))


def test_the_published_example_is_found_again():
    found = fit_usl(SPEC_SDM91)

    # rdocumentation.org/packages/usl, version 3: alpha 0.0277285, beta 0.0001044, gamma 89.9952330
    assert found.a == pytest.approx(0.0277285, abs=5e-8)
    assert found.b == pytest.approx(0.0001044, abs=5e-8)
    assert found.g == pytest.approx(89.9952330, rel=1e-6)
    assert found.peak == pytest.approx(96.52, abs=0.01)
    assert found.not_identified is None


def test_the_law_at_one_and_two():
    assert throughput(np.array([1.0]), 10, 0.3, 0.2)[0] == 10
    assert throughput(np.array([2.0]), 10, 0.3, 0.2)[0] == pytest.approx(20 / (1 + 0.3 + 2 * 0.2))


def test_the_peak_is_where_the_throughput_is_highest():
    sizes = np.linspace(1, 60, 59001)
    highest = sizes[np.argmax(throughput(sizes, 10, 0.05, 0.002))]

    assert peak(0.05, 0.002) == pytest.approx(highest, abs=0.002)
    assert peak(0.05, 0) == math.inf


def test_planted_parameters_are_found_without_noise():
    found = fit_usl(planted([0.5, 1, 2, 4, 8, 16, 32], 100, 0.05, 0.002, repeats=1))

    assert (found.g, found.a, found.b) == pytest.approx((100, 0.05, 0.002), rel=1e-5)
    assert found.peak == pytest.approx(math.sqrt(0.95 / 0.002), rel=1e-4)


def test_planted_parameters_lie_in_their_intervals_with_noise():
    found = fit_usl(planted([1, 2, 4, 8, 16, 32], 100, 0.05, 0.002, noise=0.03))

    for ends, truth in ((found.g_ends, 100), (found.a_ends, 0.05), (found.b_ends, 0.002), (found.peak_ends, 21.79)):
        assert ends[0] <= truth <= ends[1]
        assert ends[1] - ends[0] < truth, "not so wide that anything lies in it"
    assert (found.not_identified, found.warning) == (None, None)


@pytest.mark.parametrize("seed", range(3))
def test_linear_growth_has_no_peak_and_its_coherency_is_not_identified(seed):
    found = fit_usl(planted([1, 2, 3, 4, 6, 8], 40, 0, 0, noise=0.03, seed=seed))

    assert "the knee was not seen" in found.not_identified
    assert math.isnan(found.peak)
    assert found.g == pytest.approx(40, rel=0.05)


@pytest.mark.parametrize("seed", [2, 13, 18])
def test_a_peak_that_may_be_noise_is_not_identified(seed):
    found = fit_usl(planted([1, 2, 4, 8, 16, 32], 40, 0.1, 0.0003, noise=0.12, repeats=1, seed=seed))

    assert peak(found.a, found.b) < 32, "the fit has one within the sizes that were measured"
    assert found.not_identified.startswith("the interval of the coherency reaches 0")
    assert math.isnan(found.peak)


def test_the_slopes_of_the_law_are_its_derivatives():
    at, sizes, step = np.array([100, 0.05, 0.002]), np.array([0.5, 1, 4, 32]), 1e-6

    for which, slope in enumerate(_slopes(sizes, *at).T):
        change = np.eye(3)[which] * step * at[which]
        numeric = (throughput(sizes, *(at + change)) - throughput(sizes, *(at - change))) / (2 * step * at[which])
        assert slope == pytest.approx(numeric, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_growth_that_only_levels_off_has_no_peak(seed):
    found = fit_usl(planted([1, 2, 4, 8, 16, 32], 40, 0.1, 0, noise=0.02, seed=seed))

    assert found.not_identified
    assert math.isnan(found.peak)
    assert found.a_ends[0] <= 0.1 <= found.a_ends[1]


def test_four_sizes_are_fitted_with_a_warning_and_three_are_not():
    four = fit_usl(planted([1, 4, 16, 64], 100, 0.05, 0.002))
    three = fit_usl(planted([1, 2, 4], 100, 0.05, 0.002))

    assert four.fitted
    assert four.warning == "only 4 sizes: a reliable fit needs 6 or more"
    assert not three.fitted
    assert three.not_identified == "3 different sizes were measured, and three parameters need at least 4"
    assert math.isnan(three(2))


def test_a_size_or_throughput_of_zero_is_an_error():
    for bad in ([(0, 1.0)], [(1, 0.0)]):
        with pytest.raises(ValueError, match="must be above 0"):
            fit_usl(bad)


def latencies(*levels, noise=0.05, seed=1):
    """Seconds at one level after the other."""
    random = np.random.default_rng(seed)
    return [level * math.exp(random.normal(0, noise)) for seconds, level in levels for _ in range(seconds)]


def test_one_level_is_steady():
    found = steady(latencies((60, 8.0)))

    assert (found.ok, found.start, found.end, found.share, found.changes) == (True, 0, 60, 1.0, ())
    assert found.level_ms == pytest.approx(8.0, rel=0.03)


def test_a_warm_up_is_found_and_the_rest_is_steady():
    found = steady(latencies((12, 20.0), (48, 8.0)))

    assert found.ok
    assert (found.start, found.end) == (pytest.approx(12, abs=1), 60)
    assert found.share == pytest.approx(0.8, abs=0.02)


def test_two_halves_at_different_levels_are_not_steady():
    found = steady(latencies((30, 8.0), (30, 10.0)))

    assert not found.ok
    assert found.changes == (pytest.approx(30, abs=1),)
    assert "the longest steady stretch is" in found.reason
    assert steady(latencies((30, 8.0), (30, 10.0)), share=0.45).ok


def test_a_rise_in_many_small_steps_is_not_steady():
    assert not steady([8 * 1.02**second for second in range(60)]).ok


def test_a_few_slow_seconds_are_no_new_level():
    values = latencies((60, 8.0))
    values[20] = values[41] = 300.0

    found = steady(values)

    assert (found.ok, found.start, found.end, found.changes) == (True, 0, 60, ())


def test_levels_that_differ_by_less_than_5_percent_are_the_same():
    found = steady(latencies((30, 8.0), (30, 8.2), noise=0.001))

    assert found.changes
    assert (found.start, found.end, found.ok) == (0, 60, True)


def test_noise_alone_is_rarely_taken_for_a_change():
    cut = sum(bool(steady(latencies((40, 8.0), noise=0.1, seed=seed)).changes) for seed in range(200))

    assert cut <= 6


def test_what_is_too_short_or_has_too_few_requests_is_not_steady():
    assert steady([8.0] * 9).reason == "9 s are too short to tell"
    assert steady([8.0] * 20 + [math.nan] * 3).reason == "3 of 23 s had no requests"
    assert steady([8.0] * 20 + [math.nan] * 2).ok


def test_a_latency_of_zero_is_an_error():
    with pytest.raises(ValueError, match="above 0"):
        steady([0.0] * 20)
