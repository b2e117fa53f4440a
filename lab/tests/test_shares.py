"""Shares of what was counted, against known values."""

import math

import pytest
import scipy

from twinshop.lab.statistics.shares import Share, apart, together


@pytest.mark.parametrize(("hits", "n"), [(0, 9), (9, 9), (3, 75), (74, 75), (40, 100)])
def test_the_interval_is_the_exact_one_and_never_of_no_width(hits, n):
    oracle = scipy.stats.binomtest(hits, n).proportion_ci(method="exact")
    found = Share(hits, n)

    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high))
    assert found.low < found.high
    assert found.low <= found.value <= found.high


def test_none_of_nine_means_up_to_a_third():
    assert Share(0, 9).high == pytest.approx(0.336, abs=0.001)


def test_a_share_of_none_is_unknown():
    found = Share(0, 0)

    assert all(math.isnan(value) for value in (found.value, found.low, found.high))
    assert (found.p_below(0.1), found.p_above(0.1)) == (1.0, 1.0)


def test_more_than_all_is_no_share():
    with pytest.raises(ValueError, match="3 of 2"):
        Share(3, 2)


@pytest.mark.parametrize(
    ("hits", "n", "bound"), [(0, 50, 0.1), (0, 30, 0.1), (2, 60, 0.1), (9, 60, 0.1), (58, 60, 0.8)]
)
def test_the_p_is_below_5_percent_just_where_the_interval_lies_on_one_side(hits, n, bound):
    found = Share(hits, n)

    assert (found.p_below(bound) < 0.05) == (found.high < bound)
    assert (found.p_above(bound) < 0.05) == (found.low > bound)


def test_shares_are_counted_together_and_apart():
    one, other = together([Share(1, 10), Share(4, 40)]), Share(30, 50)
    value, low, high = apart(one, other)

    assert (one.hits, one.n) == (5, 50)
    assert value == pytest.approx(0.5)
    assert 0.25 < low < 0.35
    assert 0.62 < high < 0.70
    assert apart(Share(0, 20), Share(0, 20))[1] < 0 < apart(Share(0, 20), Share(0, 20))[2]
