"""What a fault cost and how long it took, of timelines whose answers can be counted."""

import math

import pytest

from twinshop.lab.statistics import Timeline, blast_radius, impact, mix_weighted

BASE, FAULT = (0, 10), (10, 20)


def line(*spans, offered=10):
    """Spans of seconds with so many good sessions of ten offered."""
    good = [each for seconds, each in spans for _ in range(seconds)]
    return Timeline([offered] * len(good), good)


def test_the_blast_radius_is_the_share_of_expected_good_sessions_that_were_lost():
    assert blast_radius(line((10, 10), (10, 4)), BASE, FAULT) == pytest.approx(0.6)


def test_expected_is_what_the_base_achieved_not_everything():
    assert blast_radius(line((10, 8), (10, 4)), BASE, FAULT) == pytest.approx(0.5)


def test_expected_follows_the_sessions_that_were_offered():
    timeline = Timeline([10] * 10 + [20] * 10, [10] * 10 + [10] * 10)

    assert blast_radius(timeline, BASE, FAULT) == pytest.approx(0.5)


def test_a_fault_that_is_seen_and_recovered_from():
    found = impact(line((10, 10), (2, 10), (5, 0), (23, 10)), BASE, FAULT)

    assert found.detect_s == 2
    assert found.recover_s == 7
    assert found.blast_radius == pytest.approx(0.5)
    assert found.residual == pytest.approx(0)
    assert found.lost == pytest.approx(50)


def test_four_good_seconds_are_no_recovery():
    found = impact(line((10, 10), (3, 0), (4, 10), (1, 0), (22, 10)), BASE, FAULT)

    assert found.recover_s == 8


def test_five_good_seconds_are_a_recovery_even_if_it_fails_again():
    assert impact(line((10, 10), (3, 0), (5, 10), (1, 0), (21, 10)), BASE, FAULT).recover_s == 3


def test_what_never_failed_was_never_seen_and_took_no_time():
    found = impact(line((40, 10)), BASE, FAULT)

    assert math.isnan(found.detect_s)
    assert (found.recover_s, found.blast_radius, found.lost) == (0, 0, 0)


def test_what_stays_down_after_the_fault_has_a_residual_and_no_end():
    found = impact(line((10, 10), (30, 2)), BASE, FAULT)

    assert math.isnan(found.recover_s)
    assert found.residual == pytest.approx(0.8)
    assert found.lost == pytest.approx(240)


def test_a_loss_within_five_points_is_in_the_band():
    assert impact(line((10, 100), (30, 95), offered=100), BASE, FAULT).recover_s == 0
    assert impact(line((10, 100), (30, 94), offered=100), BASE, FAULT).detect_s == 0


def test_a_base_that_was_restless_itself_makes_the_band_wider():
    timeline = line((5, 10), (1, 7), (4, 10), (10, 7), (20, 10))

    assert impact(timeline, BASE, FAULT).recover_s == 0
    assert impact(timeline, (6, 10), FAULT).detect_s == 0


def test_seconds_in_which_nothing_was_due_neither_help_nor_harm():
    offered = [10] * 10 + [10, 0, 10, 0] + [10, 0, 10, 0, 10, 0, 10, 10] + [10] * 10
    good = [10] * 10 + [0, 0, 0, 0] + [10, 0, 10, 0, 10, 0, 10, 10] + [10] * 10

    assert impact(Timeline(offered, good), BASE, FAULT).recover_s == 4


def test_slow_seconds_are_bad_ones_where_there_is_a_limit():
    slow = Timeline([10] * 40, [10] * 40, [50.0] * 12 + [900.0] * 3 + [50.0] * 25, limit_ms=200)

    found = impact(slow, BASE, FAULT)

    assert (found.detect_s, found.recover_s, found.blast_radius) == (2, 5, 0)


def test_journeys_are_weighted_by_the_mix():
    assert mix_weighted({"browse": 0.0, "checkout": 1.0}, {"browse": 90, "checkout": 10}) == pytest.approx(0.1)
    assert mix_weighted({"browse": 0.5, "checkout": math.nan}, {"browse": 90, "checkout": 10}) == 0.5
    with pytest.raises(ValueError, match="No journey of the mix"):
        mix_weighted({"browse": math.nan}, {"browse": 1})


def test_without_a_good_base_there_is_nothing_to_compare_with():
    with pytest.raises(ValueError, match="No session went well before the fault"):
        impact(line((10, 0), (30, 0)), BASE, FAULT)


@pytest.mark.parametrize(
    ("base", "fault"), [((5, 5), (10, 20)), ((0, 11), (10, 20)), ((0, 10), (20, 20)), ((0, 10), (10, 99))]
)
def test_windows_out_of_order_are_an_error(base, fault):
    with pytest.raises(ValueError, match="must follow each other"):
        impact(line((40, 10)), base, fault)
