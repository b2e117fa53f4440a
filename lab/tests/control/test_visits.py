"""What is drawn and said is what visitors get."""

import pytest

from twinshop.lab.control.visits import PATIENCE_SECONDS, Visit, VisitLog, by_second, state_of
from twinshop.lab.load.record import DEGRADED, DROPPED, GOOD
from twinshop.lab.shapes import COMPONENTS

NOW = 1000.0
READY = dict.fromkeys(COMPONENTS, "ready")


@pytest.mark.parametrize(
    ("visit", "fate"),
    [
        (Visit(999.0, "cart"), "waiting"),
        (Visit(NOW - PATIENCE_SECONDS - 0.1, "cart"), "late"),
        (Visit(990.0, "cart", 0.1, GOOD), "good"),
        (Visit(990.0, "cart", 0.1, DEGRADED), "degraded"),
        (Visit(990.0, "cart", 0.1, "status 503"), "failed"),
        (Visit(990.0, "cart", 0.0, DROPPED), "failed"),
        (Visit(990.0, "cart", PATIENCE_SECONDS + 0.1, GOOD), "late"),
        (Visit(990.0, "cart", PATIENCE_SECONDS + 0.1, "timed out"), "late"),
    ],
)
def test_a_visit_is_good_only_if_it_ended_well_within_its_patience(visit, fate):
    assert visit.fate(NOW) == fate


def test_a_backlog_that_is_answered_after_a_hang_is_lost_in_the_seconds_in_which_it_was_due():
    """Eight visits a second for 20 seconds; nothing is answered from 5 s to 15 s, then everything at once."""
    visits = []
    for number in range(160):
        due = number / 8
        end = 15.0 if 5 <= due < 15 else due + 0.1
        visits.append(Visit(due, "browse", end - due, GOOD))
    seconds = by_second(visits, 0, 19)

    assert [second.due for second in seconds] == [8] * 20
    assert [second.good for second in seconds[:5]] == [8] * 5
    assert [(second.good, second.late) for second in seconds[5:10]] == [(0, 8)] * 5
    assert max(second.good for second in seconds) == 8
    assert seconds[5].slowest == 10.0


def test_during_a_hang_visits_wait_and_become_late_and_none_is_missing():
    visits = [Visit(990 + number / 4, "browse") for number in range(40)]
    seconds = by_second(visits, 990, NOW)

    assert [(second.waiting, second.late) for second in seconds] == [(0, 4)] * 5 + [(4, 0)] * 5 + [(0, 0)]
    assert seconds[0].slowest == 10.0
    assert seconds[-1].slowest is None


def line(at, due=(), ended=()):
    return {"at": at, "started": 100.0, "due": due, "ended": ended}


def test_a_log_takes_the_ends_of_visits_from_later_lines():
    log = VisitLog()
    log.take(line(102.0, due=[(0, 1.0, "cart"), (1, 1.5, "browse")]))
    log.take(line(103.0, ended=[(0, 2.5, GOOD)]))

    assert log.between(0, 200) == [Visit(101.0, "cart", 1.5, GOOD), Visit(101.5, "browse")]
    assert log.between(101.2, 200) == [Visit(101.5, "browse")]
    assert log.now == 103.0


def test_visits_that_last_when_the_load_is_changed_are_not_counted_and_numbers_may_begin_again():
    log = VisitLog()
    log.take(line(102.0, due=[(0, 1.0, "cart"), (1, 1.5, "browse")], ended=[(0, 1.1, GOOD)]))
    log.next_load()
    log.take(line(104.0, due=[(1, 3.0, "search")], ended=[(1, 3.1, GOOD)]))

    assert [visit.journey for visit in log.between(0, 200)] == ["cart", "search"]


def test_old_visits_are_forgotten():
    log = VisitLog()
    log.take(line(102.0, due=[(0, 1.0, "cart")]))
    log.take(line(2000.0))

    assert log.between(0, 3000) == []


def recent(number, outcome=GOOD, seconds=0.1):
    return [Visit(NOW - 2, "browse", seconds, outcome)] * number


def test_a_shop_that_serves_everything_says_in_which_time():
    state = state_of(recent(8), NOW, READY, 40)

    assert (state.level, state.text, state.silent) == ("good", "All 8 visits good, in 0.10 s", False)


@pytest.mark.parametrize(
    ("lost", "level"),
    [(1, "warn"), (9, "bad")],
)
def test_lost_visits_are_counted_and_the_missing_part_is_named(lost, level):
    visits = recent(10 - lost) + recent(lost, "status 503")
    state = state_of(visits, NOW, {**READY, "cart": "failing"}, 40)

    assert (state.level, state.silent) == (level, False)
    assert state.text == f"{lost} of 10 visits fail{'s' if lost == 1 else ''}: no cart"


def test_where_no_part_is_known_to_be_missing_the_reason_is_what_visitors_met():
    assert state_of(recent(3, "status 500"), NOW, READY, 40).text == "3 of 3 visits fail: status 500"
    assert state_of(recent(3, GOOD, 6.0), NOW + 4, READY, 40).text == "3 of 3 visits fail: later than 5 s"


def test_a_hang_is_told_at_once_by_the_visits_that_wait():
    answered = [Visit(NOW - 3, "browse", 0.1, GOOD)]
    state = state_of([*answered, *[Visit(NOW - 2, "browse")] * 12], NOW, READY, None)

    assert (state.level, state.text, state.silent) == ("bad", "No answer for 3 s: 12 visits wait", True)


def test_a_long_hang_tells_also_what_is_lost():
    visits = [Visit(NOW - second / 2, "browse") for second in range(40)]

    assert state_of(visits, NOW, READY, None).text == "No answer: 8 visits wait, 7 lost in 4 s"


def test_a_page_that_fails_while_visits_are_answered_does_not_veil_the_shop():
    assert not state_of(recent(4), NOW - 1, READY, None).silent


def test_waiting_missing_parts_and_slowness_are_told_even_where_nothing_is_lost():
    slow = {**READY, "cart": "slow"}

    assert state_of([Visit(NOW - 2, "cart")], NOW, slow, 40).text == "1 visit waits: slow cart"
    assert state_of(recent(4, GOOD, 1.5), NOW, slow, 40).text == "All 4 visits good, but slow: 1.5 s, slow cart"
    missing = state_of(recent(3) + recent(1, DEGRADED), NOW, {**READY, "translate": "down"}, 40)
    assert (missing.level, missing.text) == ("warn", "1 of 4 visits lacks a part: no translations")


def test_where_nothing_answers_no_component_is_listed_alone():
    state = state_of(recent(2, "connection refused"), NOW, dict.fromkeys(COMPONENTS, "down"), 40)

    assert state.text == "2 of 2 visits fail: no component answers"


def test_without_visits_the_page_of_the_room_decides():
    assert state_of([], NOW, READY, 40).text == "No visits; a page takes 40 ms"
    assert state_of([], NOW, READY, None).silent
