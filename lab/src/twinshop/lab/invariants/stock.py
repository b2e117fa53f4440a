"""I4: the stock against itself, and against the orders of the ledger."""

from collections import Counter
from collections.abc import Iterator

from twinshop.contracts.books import CatalogBooks, PaymentBooks
from twinshop.lab.invariants.verdict import Checked, Violation


def check_stock(catalog: CatalogBooks, payment: PaymentBooks | None) -> Checked:
    """`payment` is None if the ledger could not be read: then the stock is checked on its own."""
    violations = [*_conserved(catalog), *(_agreed(catalog, payment) if payment is not None else ())]
    return Checked({"I4": len(catalog.products) + len(catalog.reservations)}, violations)


def _conserved(catalog: CatalogBooks) -> Iterator[Violation]:
    sold: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for reservation in catalog.reservations:
        if reservation.state == "committed":
            sold.update(reservation.lines)
        elif reservation.state == "reserved":
            held.update(reservation.lines)
    for product in catalog.products:
        if product.initial != product.on_hand + sold[product.sku]:
            detail = f"{product.initial} at first, {product.on_hand} on hand, {sold[product.sku]} sold"
            yield Violation("I4", product.sku, detail)
        if not 0 <= product.reserved <= product.on_hand:
            yield Violation("I4", product.sku, f"{product.reserved} reserved of {product.on_hand} on hand")
        if product.reserved > held[product.sku]:
            detail = f"{product.reserved} reserved, but reservations hold {held[product.sku]}"
            yield Violation("I4", product.sku, detail)


def _agreed(catalog: CatalogBooks, payment: PaymentBooks) -> Iterator[Violation]:
    reservations = {reservation.order_id: reservation for reservation in catalog.reservations}
    for order in payment.orders:
        if not order.closed:
            continue  # that is I7
        reservation = reservations.get(order.id)
        state = "missing" if reservation is None else reservation.state
        if order.state == "paid" and state != "committed":
            yield Violation("I4", order.id, f"the order is paid, its reservation {state}")
        elif order.state == "cancelled" and state in {"committed", "reserved"}:
            yield Violation("I4", order.id, f"the order is cancelled, its reservation {state}")
        elif order.state == "paid" and reservation is not None and dict(reservation.lines) != dict(order.lines):
            yield Violation("I4", order.id, f"ordered {order.lines}, sold {reservation.lines}")
    known = {order.id for order in payment.orders}
    for order_id, reservation in reservations.items():
        if order_id not in known and reservation.state != "released":
            yield Violation("I4", order_id, f"stock is {reservation.state} for an order that the ledger does not know")
