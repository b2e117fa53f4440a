"""The ledger and the acquirer's transactions, entry by entry."""

from collections import Counter

from sqlmodel import col, select

from twinshop.contracts.books import OrderEntry, PaymentBooks, TransactionEntry
from twinshop.kit.database import Database
from twinshop.payment.tables import ChargeRow, OrderRow, TransactionRow

SECONDS = 60
"""A whole ledger takes longer than what a visitor asks for."""


async def books(database: Database) -> PaymentBooks:
    """Two statements: of the same moment only while nobody buys."""
    charged = select(OrderRow, ChargeRow).join(ChargeRow, col(ChargeRow.order_id) == col(OrderRow.id), isouter=True)
    async with database.read(SECONDS) as session:
        orders = (await session.exec(charged.order_by(col(OrderRow.created_at), col(OrderRow.id)))).all()
        transactions = (await session.exec(select(TransactionRow).order_by(col(TransactionRow.reference)))).all()
    return PaymentBooks(
        orders=tuple(_entry(order, charge) for order, charge in orders),
        transactions=tuple(
            TransactionEntry(reference=row.reference, state=row.state, amount=row.amount, captures=row.captures)
            for row in transactions
        ),
    )


def _entry(order: OrderRow, charge: ChargeRow | None) -> OrderEntry:
    lines: Counter[str] = Counter()
    for line in order.lines:
        lines[str(line["sku"])] += int(str(line["quantity"]))
    return OrderEntry(
        id=order.id,
        idempotency_key=order.idempotency_key,
        state=order.state,
        closed=order.closed,
        total=order.total,
        lines=dict(lines),
        charge=None if charge is None else charge.state,
        charged=0 if charge is None else charge.amount,
    )
