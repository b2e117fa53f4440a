"""The checks of the invariants: silent about a shop that is right, and loud about each thing that can be wrong."""

from dataclasses import replace

import pytest

from twinshop.contracts.books import (
    CatalogBooks,
    OrderEntry,
    PaymentBooks,
    ProductEntry,
    ReservationEntry,
    TransactionEntry,
)
from twinshop.lab.invariants import INVARIANTS, Attempt, CartSeen, Checked
from twinshop.lab.invariants.carts import check_carts
from twinshop.lab.invariants.orders import check_orders
from twinshop.lab.invariants.stock import check_stock
from twinshop.lab.invariants.verdict import together


def order(name, **changes):
    right = {"state": "paid", "closed": True, "total": 500, "lines": {"TEA-1": 2}, "charge": "accepted", "charged": 500}
    return OrderEntry(id=name, idempotency_key=f"key-{name}", **{**right, **changes})


def transaction(name, **changes):
    return TransactionEntry(reference=name, **{"state": "accepted", "amount": 500, "captures": 1, **changes})


def reservation(name, **changes):
    return ReservationEntry(order_id=name, **{"state": "committed", "lines": {"TEA-1": 2}, **changes})


ATTEMPTS = [
    Attempt("key-a", "acknowledged", "a", 500),
    Attempt("key-b", "unknown"),  # was placed all the same
    Attempt("key-c", "refused"),
    Attempt("key-d", "unknown"),  # never arrived
]
REFUNDED = {"state": "cancelled", "charge": "refunded"}
LEDGER = PaymentBooks(
    orders=(order("a"), order("b"), order("c", state="cancelled", charge="declined"), order("e", **REFUNDED)),
    transactions=(
        transaction("a"),
        transaction("b"),
        transaction("c", state="declined", captures=0),
        transaction("e", state="refunded"),
    ),
)
STOCK = CatalogBooks(
    products=(ProductEntry(sku="TEA-1", initial=10, on_hand=6, reserved=0),),
    reservations=(
        reservation("a"),
        reservation("b"),
        reservation("c", state="released"),
        reservation("e", state="released"),
    ),
)


def ledger(*, orders=LEDGER.orders, transactions=LEDGER.transactions):
    return PaymentBooks(orders=tuple(orders), transactions=tuple(transactions))


def stock(*, products=STOCK.products, reservations=STOCK.reservations):
    return CatalogBooks(products=tuple(products), reservations=tuple(reservations))


def exchanged(entries, new, key):
    """The entries with the one of the same key replaced."""
    return [new if getattr(entry, key) == getattr(new, key) else entry for entry in entries]


def broken(checked):
    return {violation.invariant for violation in checked.violations}


def test_a_shop_that_is_right_breaks_nothing():
    checked = together([check_orders(ATTEMPTS, LEDGER), check_stock(STOCK, LEDGER)])

    assert checked.violations == []
    assert checked.counted == {"I1": 4, "I2": 4, "I3": 4, "I4": 5, "I5": 4, "I7": 4}


LOST = [entry for entry in LEDGER.orders if entry.id != "a"]


@pytest.mark.parametrize(
    ("invariants", "attempts", "books"),
    [
        ({"I1", "I3", "I5"}, ATTEMPTS, ledger(orders=LOST)),
        ({"I1", "I2", "I5"}, ATTEMPTS, ledger(orders=[*LEDGER.orders, order("a")])),
        ({"I1"}, ATTEMPTS, ledger(orders=exchanged(LEDGER.orders, order("a", state="charged"), "id"))),
        ({"I1"}, [replace(ATTEMPTS[0], total=501), *ATTEMPTS[1:]], LEDGER),
        ({"I1"}, [replace(ATTEMPTS[0], key="key-other"), *ATTEMPTS[1:]], LEDGER),
        ({"I1"}, [*ATTEMPTS, Attempt("key-b", "refused")], LEDGER),
        (
            {"I2"},
            ATTEMPTS,
            ledger(transactions=exchanged(LEDGER.transactions, transaction("a", captures=2), "reference")),
        ),
        ({"I1", "I2"}, [*ATTEMPTS, Attempt("key-a", "acknowledged", "b", 500)], LEDGER),
        (
            {"I3", "I5"},
            ATTEMPTS,
            ledger(transactions=exchanged(LEDGER.transactions, transaction("e"), "reference")),
        ),
        ({"I3", "I5"}, ATTEMPTS, ledger(transactions=[*LEDGER.transactions, transaction("nobody")])),
        ({"I5"}, ATTEMPTS, ledger(orders=exchanged(LEDGER.orders, order("b", charged=499), "id"))),
        ({"I7"}, ATTEMPTS, ledger(orders=exchanged(LEDGER.orders, order("b", closed=False), "id"))),
        (
            {"I7"},
            ATTEMPTS,
            ledger(orders=[*LEDGER.orders, order("f", state="open", closed=False, charge=None, charged=0)]),
        ),
    ],
    ids=[
        "an acknowledged order is gone",
        "an order is there twice",
        "an acknowledged order is only charged",
        "another total than was acknowledged",
        "another key than was acknowledged",
        "a refused checkout is paid",
        "money taken twice",
        "two orders for one key",
        "a cancelled order keeps its money",
        "money for no order",
        "the ledger's charges are not the orders",
        "a paid order is never closed",
        "an order is left open",
    ],
)
def test_what_is_wrong_in_the_ledger_is_found(invariants, attempts, books):
    assert broken(check_orders(attempts, books)) == invariants


@pytest.mark.parametrize(
    "books",
    [
        stock(products=[ProductEntry(sku="TEA-1", initial=10, on_hand=7, reserved=0)]),
        stock(products=[ProductEntry(sku="TEA-1", initial=4, on_hand=0, reserved=1)]),
        stock(products=[ProductEntry(sku="TEA-1", initial=10, on_hand=6, reserved=-1)]),
        stock(products=[ProductEntry(sku="TEA-1", initial=10, on_hand=6, reserved=2)]),
        stock(
            products=[ProductEntry(sku="TEA-1", initial=10, on_hand=8, reserved=0)],
            reservations=exchanged(STOCK.reservations, reservation("a", state="released"), "order_id"),
        ),
        stock(
            products=[ProductEntry(sku="TEA-1", initial=10, on_hand=4, reserved=0)],
            reservations=exchanged(STOCK.reservations, reservation("e"), "order_id"),
        ),
        stock(reservations=exchanged(STOCK.reservations, reservation("e", state="reserved"), "order_id")),
        stock(
            products=[ProductEntry(sku="TEA-1", initial=10, on_hand=7, reserved=0)],
            reservations=exchanged(STOCK.reservations, reservation("a", lines={"TEA-1": 1}), "order_id"),
        ),
        stock(reservations=[*STOCK.reservations, reservation("nobody", state="reserved")]),
    ],
    ids=[
        "pieces appear",
        "oversold",
        "reserved below zero",
        "reserved by nobody",
        "a paid order took nothing",
        "a cancelled order took stock",
        "a cancelled order holds stock",
        "other pieces than were ordered",
        "stock held for no order",
    ],
)
def test_what_is_wrong_with_the_stock_is_found(books):
    assert broken(check_stock(books, LEDGER)) == {"I4"}


def test_stock_is_held_against_itself_where_the_ledger_cannot_be_read():
    wrong = stock(products=[ProductEntry(sku="TEA-1", initial=10, on_hand=7, reserved=0)])

    assert broken(check_stock(STOCK, None)) == set()
    assert broken(check_stock(wrong, None)) == {"I4"}


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({"TEA-1": 3}, False),
        ({"TEA-1": 4}, False),
        ({"TEA-1": 2}, True),
        ({}, True),
        ({"TEA-1": 5}, True),
        ({"TEA-1": 3, "MUG-1": 1}, True),
    ],
)
def test_a_cart_holds_what_was_acknowledged_and_at_most_what_was_asked_for(found, wrong):
    checked = check_carts([CartSeen("cart 0", {"TEA-1": 3}, {"TEA-1": 1}, found)])

    assert broken(checked) == ({"I6"} if wrong else set())
    assert checked.counted == {"I6": 3}


def test_results_add_up_and_survive_storage():
    one = check_carts([CartSeen("cart 0", {"TEA-1": 3}, {}, {})])
    both = together([one, one, Checked(unchecked={"I1": "no answer"})])

    assert both.counted == {"I6": 6}
    assert len(both.violations) == 2
    assert Checked.from_json(both.as_json()) == both
    assert set(both.counted) | set(both.unchecked) <= set(INVARIANTS)
