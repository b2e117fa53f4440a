"""No call of a purchase or a history reads a whole table, at any size, by the plans of both databases."""

import re

import pytest

from twinshop.contracts.errors import NotFound
from twinshop.testing.plans import statements, steps

pytestmark = pytest.mark.anyio


async def test_no_call_of_a_purchase_or_a_history_scans_a_table(bench, draft, card, failure):
    database, payments = bench.database, bench.payments
    with statements() as asked:
        order = await payments.open(draft(1))
        await payments.recall("key-number-1", draft(1).fingerprint, order.shopper_id)
        await payments.charge(order.id, card())
        await payments.confirm(order.id)
        await payments.close(order.id)
        await payments.get(order.id)
        await payments.find(order.shopper_id)
        other = await payments.open(draft(2))
        await payments.suspend(other.id)
        await payments.claim(10)
        await payments.cancel(other.id, failure)
        with pytest.raises(NotFound):
            await payments.get("no-order-0123456789")

    assert len(asked) > 20
    scans = [
        step
        async for step in steps(database, asked, "SELECT", "UPDATE")
        if re.match(r"(SCAN|Seq Scan on) payment_", step[0])
    ]
    assert scans == []
