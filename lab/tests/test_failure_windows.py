"""Which seconds are as they were before a fault, of timelines whose answers can be counted."""

import math

import pytest

from twinshop.lab.statistics.failure import Timeline, in_band, mix_weighted

BASE = (0, 10)


def line(*spans, offered=10):
    """Spans of seconds with so many good sessions of ten offered."""
    good = [each for seconds, each in spans for _ in range(seconds)]
    return Timeline([offered] * len(good), good)


def after_the_base(timeline):
    return in_band(timeline, BASE)[BASE[1] :]


def test_the_share_of_a_window_is_good_over_offered():
    timeline = Timeline([10, 20, 0, 10], [10, 5, 0, 0])

    assert timeline.share((0, 2)) == pytest.approx(0.5)
    assert timeline.share((1, 4)) == pytest.approx(5 / 30)
    assert math.isnan(timeline.share((2, 3)))


def test_a_loss_within_five_points_is_in_the_band():
    assert after_the_base(line((10, 100), (1, 95), (1, 94), offered=100)) == [True, False]


def test_the_band_is_below_what_the_base_achieved_not_below_everything():
    assert after_the_base(line((10, 80), (1, 75), (1, 74), offered=100)) == [True, False]


def test_a_base_that_was_restless_itself_makes_the_band_wider():
    timeline = line((5, 10), (1, 7), (4, 10), (1, 7), (1, 6))

    assert after_the_base(timeline) == [True, False]
    assert in_band(timeline, (6, 10))[10:] == [False, False]


def test_of_a_second_in_which_nothing_was_due_nothing_can_be_said():
    timeline = Timeline([10] * 10 + [0, 10], [10] * 10 + [0, 10])

    assert after_the_base(timeline) == [None, True]


def test_slow_seconds_are_bad_ones_where_there_is_a_limit():
    latencies = [50.0] * 10 + [200.0, 201.0, math.nan]
    slow = Timeline([10] * 13, [10] * 13, latencies, limit_ms=200)

    assert after_the_base(slow) == [True, False, True]
    assert after_the_base(Timeline([10] * 13, [10] * 13, latencies)) == [True, True, True]


def test_journeys_are_weighted_by_the_mix():
    assert mix_weighted({"browse": 0.0, "checkout": 1.0}, {"browse": 90, "checkout": 10}) == pytest.approx(0.1)
    assert mix_weighted({"browse": 0.5, "checkout": math.nan}, {"browse": 90, "checkout": 10}) == 0.5
    with pytest.raises(ValueError, match="No journey of the mix"):
        mix_weighted({"browse": math.nan}, {"browse": 1})
