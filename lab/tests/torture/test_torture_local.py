"""A campaign on real processes: a shop that keeps its promises, and one that is made to break them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from twinshop.lab.shapes import MONO
from twinshop.lab.torture.api import Hazard, Step
from twinshop.lab.torture.campaign import Campaign, run
from twinshop.lab.torture.hazards import HAZARDS

pytestmark = [pytest.mark.timeout(300), pytest.mark.integration]

ROOT = Path(__file__).parents[3]
REAL = ("kill-after-payments.charge", "clock-ledger-ahead", "double-clicks", "slow-consumers")
FORGET = (
    "DELETE FROM payment_charge WHERE order_id = ?",
    "DELETE FROM payment_acquirer_transaction WHERE reference = ?",
    "DELETE FROM payment_order WHERE id = ?",
)
SABOTAGE = "sabotage"


def sabotaged(scene, _):
    """A shop that loses an order: what a broken store would do. An acknowledged one, since a double click just was."""
    (bought,) = scene.crowd.burst(1, shoppers=1, presses=2)
    (order,) = bought.orders
    with closing(sqlite3.connect(scene.environment.folder / "data" / "shop.db", timeout=10)) as database, database:
        for statement in FORGET:
            database.execute(statement, (order,))
    return "an order is gone"


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def story(tmp_path_factory, told):
    hazards = {name: HAZARDS[name] for name in REAL}
    hazards[SABOTAGE] = Hazard(SABOTAGE, "Loses an order.", "Never.", "The order.", sabotaged)
    steps = [Step(number, 1.0, name, 2.0, 11) for number, name in enumerate(hazards, 1)]
    campaign = Campaign("local", 11, 240.0, 5.0, ROOT, told.append)
    return run(campaign, MONO, hazards, steps, tmp_path_factory.mktemp("torture"))


def test_every_hazard_is_seen_at_work_and_survived(story):
    assert [each.step.hazard for each in story.confirmed] == [*REAL, SABOTAGE]
    assert len(story.survived) == len(story.outcomes) == 5
    assert (story.skipped, story.not_reached) == ({}, [])
    assert story.orders.acknowledged > 5
    assert story.orders.pressed_again > 0


def test_an_order_that_the_shop_lost_is_reported_and_nothing_else(story):
    assert [(each.invariant, each.detail) for each in story.checked.violations if each.invariant == "I1"] == [
        ("I1", "acknowledged, and 0 times in the ledger")
    ]
    assert {each.invariant for each in story.checked.violations} == {"I1", "I4"}  # its stock is sold to nobody
    assert story.checked.unchecked == {}
    assert any(fault.startswith("I1 ") for fault in story.faults())


def test_whoever_waits_is_told_of_each_hazard(told, story):
    assert [name for name in (*REAL, SABOTAGE) if any(name in line for line in told)] == [*REAL, SABOTAGE]
