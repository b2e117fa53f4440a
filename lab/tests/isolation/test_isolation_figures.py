"""The figures of a fault, from made-up courses whose answers are known."""

from itertools import chain, repeat
from math import nan

import pytest

from twinshop.lab.experiments.isolation.figures import figures, unsteady
from twinshop.lab.experiments.isolation.windows import Timestamps
from twinshop.lab.measurement.timeline import Course
from twinshop.lab.statistics.failure import Timeline

WEIGHTS = {"browse": 60.0, "checkout": 40.0}
MARKS = Timestamps(base=2, injecting=8.1, injected=8.4, counted=15.0, over=15.0, reverted=15.6, end=26.0)
"""Base 2..6, fault 9..14, after 16..25, all of it 8..25."""
LENGTH = 30


def line(*pieces):
    """Good sessions a second: `(value, seconds)` one after the other, the last one for as long as it takes."""
    flat = list(chain.from_iterable(repeat(value, seconds) for value, seconds in pieces))
    return flat + [pieces[-1][0]] * (LENGTH - len(flat))


def course(browse, checkout, first=0):
    journeys = {"browse": Timeline([10] * LENGTH, browse), "checkout": Timeline([4] * LENGTH, checkout)}
    return Course(first, journeys)


def fast(_q, _seconds, _journey):
    return 20.0


def made(browse=((10, LENGTH),), checkout=((4, LENGTH),), marks=MARKS, latency=fast, needing=("checkout",), **more):
    return figures(course(line(*browse), line(*checkout)), marks, WEIGHTS, needing, latency, **more)


def test_a_fault_that_nobody_notices():
    found = made()

    ratios = ["blast_ratio", "needing_ratio", "collateral_ratio", "residual_ratio", "journeys_hit_ratio"]
    assert {name: found[name] for name in ratios} == dict.fromkeys(ratios, 0.0)
    assert (found["recovered"], found["recover_s"], found["failed_sessions"]) == (1, 0, 0)
    assert not any(name.startswith("detect") for name in found)


def test_an_outage_of_everything():
    dark = ((10, 8), (0, 8), (10, 14))
    found = made(dark, ((4, 8), (0, 8), (4, 14)))

    assert found["blast_ratio"] == found["collateral_ratio"] == found["journeys_hit_ratio"] == 1
    assert found["residual_ratio"] == 0
    assert found["failed_sessions"] == 8 * 14
    assert found["detect_s"] == pytest.approx(9 - 8.4)
    assert found["recover_s"] == pytest.approx(16 - 8.4)
    assert found["mend_s"] == pytest.approx(1)


def test_an_outage_of_the_one_journey_that_needs_the_target():
    found = made(checkout=((4, 8), (1, 8), (4, 14)))

    assert found["blast_checkout_ratio"] == found["needing_ratio"] == pytest.approx(0.75)
    assert found["blast_browse_ratio"] == found["collateral_ratio"] == 0
    assert found["blast_ratio"] == pytest.approx(0.4 * 0.75)
    assert found["journeys_hit_ratio"] == 0.5


def test_what_was_wrong_before_is_not_blamed_on_the_fault():
    found = made(((9, LENGTH),), ((4, LENGTH),))
    base = 13 / 14

    assert found["blast_browse_ratio"] == pytest.approx(1 - 0.9 / base)
    assert (found["recovered"], found["recover_s"]) == (1, 0)


def test_harm_that_stays_after_the_removal_is_residual_and_never_recovers():
    found = made(((10, 8), (5, 22)))

    assert found["residual_ratio"] == pytest.approx(0.6 * 0.5)
    assert found["recovered"] == 0
    assert not {"recover_s", "mend_s"} & found.keys()


def test_less_than_five_healthy_seconds_at_the_end_are_no_recovery():
    assert made(((10, 8), (0, 14), (10, 8)))["recovered"] == 0  # 22..25 are four
    assert made(((10, 8), (0, 13), (10, 8)))["recovered"] == 1


def test_a_rare_journey_that_rests_for_five_seconds_has_not_recovered_while_the_fault_is_there():
    found = made(checkout=((4, 8), (0, 1), (4, 5), (0, 2), (4, 14)))

    assert found["recover_s"] == pytest.approx(16 - 8.4)


def test_what_heals_by_itself_while_the_fault_is_there_has_recovered():
    found = made(checkout=((4, 8), (0, 2), (4, 20)))

    assert found["recover_s"] == pytest.approx(10 - 8.4)
    assert found["mend_s"] == 0


def test_a_crash_that_is_over_at_once_recovers_within_its_window():
    marks = Timestamps(base=2, injecting=8.1, injected=8.2, counted=15, over=15, reverted=15, end=26, lasting=False)
    found = made(((10, 8), (0, 3), (10, 19)), marks=marks)

    assert found["recover_s"] == found["mend_s"] == pytest.approx(11 - 8.2)
    assert found["blast_browse_ratio"] == pytest.approx(2 / 6)  # the second of the planting itself is not in the window


def test_the_health_probe_may_know_before_the_users():
    found = made(checkout=((4, 10), (0, 5), (4, 15)), probe_failed=8.9)

    assert found["detect_probe_s"] == found["detect_s"] == pytest.approx(0.5)
    assert found["detect_users_s"] == pytest.approx(11 - 8.4)


def test_a_journey_that_is_only_slow_is_hit():
    def slow(_q, _seconds, journey):
        return 1500.0 if journey == "browse" else 20.0

    found = made(latency=slow)

    assert (found["journeys_hit_ratio"], found["blast_ratio"]) == (0.5, 0)


def test_figures_that_cannot_be_had_are_left_out():
    found = made(needing=("browse", "checkout"), latency=lambda *_: nan)

    assert not {"collateral_ratio", "p99_ms", "base_p99_ms"} & found.keys()


def test_a_course_may_begin_later_than_the_load():
    whole = course(line((10, 8), (0, 8), (10, 14)), line((4, LENGTH)))
    cut = Course(2, {name: Timeline(each.offered[2:], each.good[2:]) for name, each in whole.journeys.items()})

    assert figures(cut, MARKS, WEIGHTS, (), fast) == figures(whole, MARKS, WEIGHTS, (), fast)
    assert Course.from_json(cut.as_json()) == cut


def test_a_base_window_that_is_no_base_is_told():
    assert unsteady(course(line((10, LENGTH)), line((4, LENGTH))), MARKS) is None
    assert "not healthy before the fault: 60 of 70" in unsteady(course(line((8, LENGTH)), line((4, LENGTH))), MARKS)
    assert "no session" in unsteady(course(line((10, LENGTH)), line((4, LENGTH)), first=20), MARKS)


def test_users_see_a_fault_when_their_sessions_end_and_not_when_they_were_due():
    """A visitor who is due in second 8 and kept waiting gives up in second 11: until then all that end are good."""
    waiting = ((10, 8), (0, 8), (10, 14))
    ended = Timeline(line((14, 8), (1, 3), (14, 19)), line((14, 8), (1, 3), (0, 8), (14, 11)))
    by_due, by_end = (made(waiting, ((4, 8), (0, 8), (4, 14)), ended=each) for each in (None, ended))

    assert by_due["detect_users_s"] == pytest.approx(9 - 8.4)
    assert by_end["detect_users_s"] == by_end["detect_s"] == pytest.approx(12 - 8.4)
    assert {name: value for name, value in by_due.items() if "detect" not in name} == {
        name: value for name, value in by_end.items() if "detect" not in name
    }
