"""I1, I2, I3, I5 and I7: the clients' checkouts against the ledger, and the ledger against the acquirer."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from twinshop.contracts.books import OrderEntry, PaymentBooks
from twinshop.lab.invariants.history import Attempt
from twinshop.lab.invariants.verdict import Checked, Violation

KEPT = frozenset({"accepted", "refunded"})
"""States of a charge or a transaction in which money was taken."""
PAID = frozenset({"charged", "paid"})
"""States of an order that has been paid for; the first is one that is not finished."""


def check_orders(attempts: Sequence[Attempt], books: PaymentBooks) -> Checked:
    """Everything that the ledger can tell, at rest."""
    counted = {
        "I1": len(attempts),
        "I2": len(books.orders),
        "I3": len(books.transactions),
        "I5": len(books.orders),
        "I7": len(books.orders),
    }
    violations = [
        *_lost(attempts, books),
        *_doubled(attempts, books),
        *_phantom(books),
        *_money(books),
        *_open(books),
    ]
    return Checked(counted, violations)


def _lost(attempts: Sequence[Attempt], books: PaymentBooks) -> Iterator[Violation]:
    by_id: defaultdict[str, list[OrderEntry]] = defaultdict(list)
    by_key: defaultdict[str, list[OrderEntry]] = defaultdict(list)
    for order in books.orders:
        by_id[order.id].append(order)
        by_key[order.idempotency_key].append(order)
    for attempt in attempts:
        if attempt.outcome == "acknowledged":
            found = by_id[attempt.order_id]
            if len(found) != 1:
                yield Violation("I1", attempt.order_id, f"acknowledged, and {len(found)} times in the ledger")
                continue
            (order,) = found
            if order.state != "paid":
                yield Violation("I1", order.id, f"acknowledged, but {order.state}")
            if order.total != attempt.total:
                yield Violation("I1", order.id, f"acknowledged for {attempt.total}, in the ledger with {order.total}")
            if order.idempotency_key != attempt.key:
                yield Violation("I1", order.id, "acknowledged under another idempotency key than in the ledger")
        elif attempt.outcome == "refused":
            for order in by_key[attempt.key]:
                if order.state in PAID:
                    yield Violation("I1", order.id, f"refused to the shopper, but {order.state}")


def _doubled(attempts: Sequence[Attempt], books: PaymentBooks) -> Iterator[Violation]:
    captures = {row.reference: row.captures for row in books.transactions}
    taken: Counter[str] = Counter()
    for order in books.orders:
        taken[order.idempotency_key] += captures.get(order.id, 0)
    for key, number in taken.items():
        if number > 1:
            yield Violation("I2", key, f"money was taken {number} times")
    answers: defaultdict[str, set[str]] = defaultdict(set)
    for attempt in attempts:
        if attempt.outcome == "acknowledged":
            answers[attempt.key].add(attempt.order_id)
    for key, orders in answers.items():
        if len(orders) > 1:
            yield Violation("I2", key, f"one key, {len(orders)} acknowledged orders")


def _phantom(books: PaymentBooks) -> Iterator[Violation]:
    states = {order.id: order.state for order in books.orders}
    for row in books.transactions:
        state = states.get(row.reference, "unknown to the ledger")
        if row.state == "accepted" and state not in PAID:
            yield Violation("I3", row.reference, f"{row.amount} charged and kept, but the order is {state}")


def _money(books: PaymentBooks) -> Iterator[Violation]:
    paid = sum(order.total for order in books.orders if order.state in PAID)
    charged = sum(order.charged for order in books.orders if order.charge in KEPT)
    refunded = sum(order.charged for order in books.orders if order.charge == "refunded")
    if charged - refunded != paid:
        yield Violation("I5", "ledger", f"charged {charged} less refunded {refunded} is not paid {paid}")
    acquired = sum(row.amount for row in books.transactions if row.state == "accepted")
    if acquired != paid:
        yield Violation("I5", "acquirer", f"it holds {acquired}, but the paid orders are {paid}")


def _open(books: PaymentBooks) -> Iterator[Violation]:
    for order in books.orders:
        if not order.closed:
            yield Violation("I7", order.id, f"still {order.state} and not closed")
