"""The books, entry by entry."""

import pytest

from twinshop.contracts.books import OrderEntry, TransactionEntry
from twinshop.contracts.errors import Declined
from twinshop.payment.books import books

pytestmark = pytest.mark.anyio


async def test_every_order_is_there_with_its_charge_and_what_the_acquirer_says(bench, payments, draft, card, failure):
    nothing = await payments.open(draft(1))
    bought = await payments.open(draft(2))
    await payments.charge(bought.id, card())
    await payments.confirm(bought.id)
    await payments.close(bought.id)
    refused = await payments.open(draft(3))
    with pytest.raises(Declined):
        await payments.charge(refused.id, card("4000000000000002"))
    refunded = await payments.open(draft(4))
    await payments.charge(refunded.id, card())
    await payments.cancel(refunded.id, failure)

    found = await books(bench.database)

    def entry(order, number, state, charge, charged):
        return OrderEntry(
            id=order.id,
            idempotency_key=f"key-number-{number}",
            state=state,
            closed=state == "paid",
            total=2999,
            lines={"KIT-001": 2, "TEA-004": 1},
            charge=charge,
            charged=charged,
        )

    assert {order.id: order for order in found.orders} == {
        nothing.id: entry(nothing, 1, "open", None, 0),
        bought.id: entry(bought, 2, "paid", "accepted", 2999),
        refused.id: entry(refused, 3, "open", "declined", 2999),
        refunded.id: entry(refunded, 4, "cancelled", "refunded", 2999),
    }
    assert {row.reference: row for row in found.transactions} == {
        bought.id: TransactionEntry(reference=bought.id, state="accepted", amount=2999, captures=1),
        refused.id: TransactionEntry(reference=refused.id, state="declined", amount=2999, captures=0),
        refunded.id: TransactionEntry(reference=refunded.id, state="refunded", amount=2999, captures=1),
    }


async def test_empty_books(bench):
    assert (await books(bench.database)).model_dump() == {"orders": (), "transactions": ()}
