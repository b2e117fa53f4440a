"""The schedule, the catalogue and the verdict of a campaign: what needs no shop."""

import json
from math import nan
from pathlib import Path

import pytest

from twinshop.contracts.books import OrderEntry, PaymentBooks
from twinshop.lab.__main__ import main
from twinshop.lab.environments.request import Answer
from twinshop.lab.errors import LabError
from twinshop.lab.invariants import Attempt, Checked, Violation
from twinshop.lab.torture import campaign, report
from twinshop.lab.torture.api import Step
from twinshop.lab.torture.hazards import ALL, HAZARDS, chosen
from twinshop.lab.torture.hazards.saga import CALLS
from twinshop.lab.torture.purchase import Purchase
from twinshop.lab.torture.schedule import steps
from twinshop.lab.torture.story import HazardOutcome, Orders, Story, check_known, check_once, orders

NAMES = [hazard.name for hazard in ALL]
ASKED_FOR = {
    *("database-restart", "redis-restart", "lapsed-lease", "clock-ledger-ahead", "clock-ledger-behind"),
    *("disk-full-database", "disk-full-redis", "slow-consumers", "double-clicks", "mixed-versions"),
}


def an_order(key, state="paid", id_="order"):
    return OrderEntry(
        id=id_, idempotency_key=key, state=state, closed=True, total=100, lines={}, charge="accepted", charged=100
    )


def books(*orders):
    return PaymentBooks(orders=orders, transactions=())


def answer(status, **body):
    return Answer(status, json.dumps(body).encode())


def tried(hazard="hang", **more):
    return HazardOutcome(Step(1, 5.0, hazard, 3.0, 7), 5.0, **{"evidence": "seen", "recovery": 1.5, **more})


def story(**more):
    return Story("mono", **{"outcomes": [tried()], "orders": Orders(attempted=3, acknowledged=3, stored=3), **more})


def test_the_same_seed_gives_the_same_hazards_in_the_same_order_at_the_same_times():
    assert steps(7, NAMES, 900) == steps(7, NAMES, 900)
    assert steps(7, NAMES, 900) != steps(8, NAMES, 900)


def test_a_longer_campaign_begins_as_a_shorter_one():
    short = steps(7, NAMES, 200)
    assert steps(7, NAMES, 900)[: len(short)] == short


def test_every_hazard_comes_once_before_any_comes_twice():
    planned = [step.hazard for step in steps(7, NAMES, 3600)]
    assert sorted(planned[: len(NAMES)]) == sorted(NAMES)
    assert sorted(planned[len(NAMES) : 2 * len(NAMES)]) == sorted(NAMES)
    assert planned[: len(NAMES)] != planned[len(NAMES) : 2 * len(NAMES)]


def test_no_step_begins_after_the_end_and_each_after_the_one_before():
    planned = steps(3, NAMES, 120)
    begins = [step.at for step in planned]
    assert begins == sorted(begins)
    assert 0 < begins[0] <= begins[-1] < 120
    assert [step.number for step in planned] == list(range(1, len(planned) + 1))


def test_without_hazards_or_time_there_is_nothing_to_do():
    assert steps(1, [], 100) == steps(1, NAMES, 1) == ()


def test_the_catalogue_has_all_that_was_asked_for_and_the_store_front_dies_at_every_step():
    assert len(HAZARDS) == len(ALL)
    assert HAZARDS.keys() >= ASKED_FOR
    assert len([name for name in NAMES if name.startswith("kill-before-")]) == 7
    assert len([name for name in NAMES if name.startswith("kill-after-")]) == 7


def test_the_documentation_tells_of_every_hazard():
    text = (Path(__file__).parents[3] / "docs" / "torture.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in text and not name.startswith("kill-")] == []
    assert [call for call in CALLS if f"`{call}`" not in text] == []


def test_what_a_runtime_cannot_do_has_a_reason():
    assert all(hazard.why for hazard in ALL if len(hazard.runtimes) == 1)


def test_a_name_stands_for_all_that_begin_with_it():
    assert [hazard.name for hazard in chosen(["clock", "hang"])] == [
        "hang", "clock-ledger-ahead", "clock-ledger-behind", "clock-stock-ahead"
    ]  # fmt: skip
    assert chosen([]) == list(ALL)
    with pytest.raises(LabError, match="unknown hazard 'flood'"):
        chosen(["flood"])


def test_an_answer_that_decides_nothing_leaves_a_purchase_open():
    purchase = Purchase("key")
    in_use = answer(409, code="idempotency-key-in-use", detail="")
    for told in (None, answer(503, code="unavailable", detail=""), in_use):
        purchase.hear(told)

    assert not purchase.decided
    assert purchase.presses == 3
    assert purchase.attempts() == [Attempt("key", "unknown")]


def test_a_purchase_knows_its_order_and_every_further_one():
    purchase = Purchase("key")
    for id_ in ("one", "one", "two"):
        purchase.hear(answer(201, id=id_, total={"amount": 5}))

    assert purchase.attempts() == [Attempt("key", "acknowledged", "one", 5), Attempt("key", "acknowledged", "two", 5)]


@pytest.mark.parametrize(("code", "detail"), [("card-declined", "No."), ("conflict", "It was not paid in time, so …")])
def test_a_purchase_that_was_refused_for_good_is_told_as_such(code, detail):
    purchase = Purchase("key")
    purchase.hear(answer(409, code=code, detail=detail))
    assert purchase.attempts() == [Attempt("key", "refused")]


def test_a_paid_order_that_nobody_was_told_of_is_found():
    kept = check_known([Attempt("a", "acknowledged", "1", 100), Attempt("b", "unknown")], books(*map(an_order, "ab")))
    broken = check_known([Attempt("a", "refused")], books(an_order("a", id_="1"), an_order("b", "cancelled", "2")))

    assert (kept.counted, kept.violations) == ({"T1": 2}, [])
    assert [(each.invariant, each.subject) for each in broken.violations] == [("T1", "1")]


def test_what_was_said_in_each_window_is_told_by_its_key():
    purchase = Purchase("left", "right")
    purchase.hear(None, "left")
    purchase.hear(answer(201, id="one", total={"amount": 5}), "right")

    assert purchase.decided
    assert purchase.attempts() == [Attempt("right", "acknowledged", "one", 5), Attempt("left", "unknown")]
    purchase.hear(answer(409, code="card-declined", detail="No."), "left")
    assert purchase.attempts() == [Attempt("right", "acknowledged", "one", 5), Attempt("left", "refused")]


def test_a_cart_that_was_paid_for_in_both_windows_is_found():
    two, one = Purchase("a", "b"), Purchase("c", "d")
    kept = check_once(
        [two, one], books(an_order("a", id_="1"), an_order("b", "cancelled", "2"), an_order("c", id_="3"))
    )
    broken = check_once([two, one], books(an_order("a", id_="1"), an_order("b", id_="2"), an_order("d", id_="3")))

    assert (kept.counted, kept.violations) == ({"T2": 2}, [])
    assert [(each.invariant, each.subject) for each in broken.violations] == [("T2", "1")]


def test_orders_are_counted_by_what_clients_know_and_what_is_stored():
    attempts = [Attempt("a", "acknowledged", "1", 100), Attempt("b", "unknown"), Attempt("c", "refused")]
    found = orders(attempts, books(an_order("a"), an_order("b", id_="2"), an_order("c", "cancelled", "3")), 4)
    assert found == Orders(attempted=3, acknowledged=1, unknown=1, stored=2, cancelled=1, pressed_again=4)


def test_a_campaign_in_which_every_promise_was_kept_has_no_faults():
    assert story().faults() == []
    assert story().as_json()["figures"]["hazards_survived"] == 1


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"checked": Checked(violations=[Violation("I1", "order 1", "lost")])}, "I1 order 1: lost"),
        ({"checked": Checked(unchecked={"I4": "no answer"})}, "I4 is unknown: no answer"),
        ({"outcomes": [tried(), tried(recovery=None, sick="/api/cart answers 503")]}, "not recovered after hang"),
        ({"outcomes": [tried(evidence=None)]}, "no evidence that any hazard was active"),
        ({"orders": Orders()}, "no order was acknowledged"),
    ],
)
def test_whatever_speaks_against_it_is_told(more, expected):
    told = story(**more)
    assert any(expected in fault for fault in told.faults())
    assert expected in report.text([told])


def test_a_hazard_that_did_not_come_about_was_not_survived():
    told = story(outcomes=[tried(), tried("cut", evidence=None, doubt="Docker says no")])
    assert [each.step.hazard for each in told.survived] == ["hang"]
    assert "no evidence of: cut" in report.text([told])


def test_the_report_tells_what_was_left_out_and_can_be_stored():
    told = story(skipped={"cut": "no network"}, not_reached=["stall"], good_sessions=nan)
    shown = report.text([told, told])

    assert "cut left out: no network" in shown
    assert "no time for stall" in shown
    assert json.loads(json.dumps(told.as_json(), allow_nan=False))["good_sessions"] is None


def test_the_list_shows_every_hazard_and_does_nothing(capsys):
    assert main(["torture", "--list"]) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if not line.startswith(" ")] == NAMES


@pytest.mark.integration
def test_the_command_that_repeats_a_campaign_is_printed_as_it_is_to_be_typed(root, monkeypatch, capsys):
    def no_campaign(*_):
        raise LabError("enough")

    monkeypatch.setattr(campaign, "run", no_campaign)
    given = "torture --seed 5 --minutes 1 --rate 2 --shape mono --runtime local --only kill"
    assert main(given.split()) == 1
    assert f"To repeat: uv run twinshop {given}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "flood"], "unknown hazard 'flood'"),
        (["--shape", "macro"], "invalid --shape 'macro': write mono"),
        (["--minutes", "0"], "--minutes must be above 0"),
        (["--minutes", "nan"], "--minutes must be above 0"),
        (["--only", "cut"], "No hazard fits"),
        (["--minutes", "0.01"], "No hazard fits"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_started(options, message, capsys):
    assert main(["torture", "--runtime", "local", *options]) == 2
    assert message in capsys.readouterr().err
