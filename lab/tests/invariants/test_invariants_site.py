"""The invariants of a real shop: kept after a load, also when processes were killed under it; broken ones are found."""

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.invariants import attempts_of, check_environment
from twinshop.lab.invariants.checking import PATIENT_CHECKOUT
from twinshop.lab.invariants.witness import CartWitness
from twinshop.lab.load.api import LoadPlan, Phase, start_load
from twinshop.lab.load.checkouts import read_checkouts
from twinshop.lab.load.products import read_products
from twinshop.lab.shapes import parse
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
CHECKED = {"I1", "I2", "I3", "I4", "I5", "I6", "I7"}
TAMPERINGS = {  # `:order` was acknowledged
    "I1": "UPDATE payment_order SET total = total + 1 WHERE id = :order",
    "I2": "UPDATE payment_acquirer_transaction SET captures = 2 WHERE reference = :order",
    "I3": "INSERT INTO payment_acquirer_transaction (reference, state, amount, captures, created_at, updated_at) "
    "VALUES ('nobody', 'accepted', 1, 1, '2030-01-01', '2030-01-01')",
    "I4": "UPDATE catalog_product SET on_hand = on_hand + 1 WHERE sku = (SELECT min(sku) FROM catalog_product)",
    "I5": "UPDATE payment_charge SET amount = amount + 1 WHERE order_id = :order",
    # with a lease, so that the shop does not close it again before anybody looks
    "I7": "UPDATE payment_order SET closed = 0, lease_until = '2999-01-01 00:00:00.000000' WHERE id = :order",
}
TABLES = ("catalog_product", "payment_acquirer_transaction", "payment_charge", "payment_order")


@contextmanager
def ledger_of(environment):
    """The monolith's database, past the monolith; committed at the end."""
    with closing(sqlite3.connect(environment.folder / "data" / "shop.db", timeout=10)) as database, database:
        yield database


def _dump(environment):
    with ledger_of(environment) as database:
        return {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


def _restore(environment, rows):
    with ledger_of(environment) as database:
        for table in TABLES:
            database.execute(f"DELETE FROM {table}")
            if rows[table]:
                marks = ", ".join("?" for _ in rows[table][0])
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])


def _paid(environment):
    with ledger_of(environment) as database:
        return database.execute("SELECT count(*) FROM payment_order WHERE state = 'paid'").fetchone()[0]


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A monolith that was used for a while and crashed meanwhile, with what its clients know."""
    folder = tmp_path_factory.mktemp("invariants")
    options = EnvironmentOptions(faults=True, environment=PATIENT_CHECKOUT)
    with open_environment(parse("mono"), "local", ROOT, folder / "site", options) as environment:
        environment.create()
        environment.start()
        environment.wait_ready(60)
        witness = CartWitness(environment.url, list(read_products(environment.url).products))
        plan = LoadPlan(environment.url, (Phase(300, 6, 6),), {"checkout": 1}, timeout_seconds=30, drain_seconds=30)
        with witness:
            load = start_load(plan, folder / "load")
            try:
                before = wait_until(lambda: _paid(environment) > 3 and _paid(environment))
                environment.crash("mono")
                environment.wait_ready(120)
                wait_until(lambda: _paid(environment) > before + 3)
            finally:
                load.stop()
        environment.wait_ready(120)
        yield environment, attempts_of(read_checkouts(folder / "load")), witness


def test_a_shop_that_crashed_under_load_has_kept_its_promises(used):
    environment, attempts, witness = used
    carts = witness.look()
    checked = check_environment(environment, attempts, carts)

    assert checked.violations == []
    assert checked.unchecked == {}
    assert checked.counted.keys() == CHECKED
    assert min(checked.counted.values()) > 0
    assert any(attempt.outcome == "acknowledged" for attempt in attempts)


@pytest.mark.parametrize("invariant", TAMPERINGS)
def test_what_was_tampered_with_is_found(used, invariant):
    environment, attempts, witness = used
    before = _dump(environment)
    order = next(attempt.order_id for attempt in attempts if attempt.outcome == "acknowledged")
    with ledger_of(environment) as database:
        assert database.execute(TAMPERINGS[invariant], {"order": order}).rowcount == 1
    try:
        checked = check_environment(environment, attempts, witness.look(), seconds=0)
    finally:
        _restore(environment, before)

    assert invariant in {violation.invariant for violation in checked.violations}


def test_an_addition_that_was_lost_is_found(used):
    environment, attempts, witness = used
    (first, *_) = carts = witness.look()
    environment.kill("redis")
    for file in (environment.folder / "data" / "redis").rglob("*"):
        if file.is_file():
            file.unlink()
    environment.revive("redis")
    environment.wait_ready(30)
    checked = check_environment(environment, attempts, witness.look(), seconds=0)

    assert first.found
    assert {violation.invariant for violation in checked.violations} == {"I6"}
    assert len(checked.violations) >= len(carts)


def test_what_cannot_be_read_is_unknown_and_not_kept(used):
    environment, attempts, _ = used
    environment.kill("mono")
    try:
        checked = check_environment(environment, attempts, seconds=0)
    finally:
        environment.revive("mono")
        environment.wait_ready(60)

    assert checked.unchecked.keys() == CHECKED
    assert checked.counted == {}
