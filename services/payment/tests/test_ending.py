"""Confirm, cancel, close, and the sums."""

import pytest
from sqlalchemy import update

from twinshop.contracts.errors import Conflict, Declined, Unavailable
from twinshop.contracts.payment import Failure
from twinshop.payment.tables import TransactionRow

pytestmark = pytest.mark.anyio


async def broken():
    raise ConnectionError


async def test_a_charged_order_is_confirmed(payments, charged):
    assert (await payments.confirm(charged.id)).state == "paid"


async def test_confirming_twice_changes_nothing(payments, paid, bench):
    bench.clock.pass_by(5)
    assert await payments.confirm(paid.id) == paid


async def test_an_open_order_cannot_be_confirmed(payments, order):
    with pytest.raises(Conflict):
        await payments.confirm(order.id)


async def test_a_cancelled_order_cannot_be_confirmed(payments, charged, failure):
    await payments.cancel(charged.id, failure)
    with pytest.raises(Conflict):
        await payments.confirm(charged.id)


async def test_a_cancelled_order_tells_why(payments, order, failure):
    await payments.cancel(order.id, failure)
    cancelled = await payments.get(order.id)
    assert (cancelled.state, cancelled.failure) == ("cancelled", failure)


async def test_the_first_failure_stays(payments, order, failure):
    await payments.cancel(order.id, failure)
    assert (await payments.cancel(order.id, Failure(code="abandoned", detail="Too late."))).failure == failure


async def test_an_order_without_a_charge_is_cancelled_without_the_acquirer(payments, order, failure, bench):
    await payments.cancel(order.id, failure)
    assert bench.acquirer.calls == []


async def test_a_declined_order_is_cancelled_without_the_acquirer(payments, order, card, failure, bench):
    with pytest.raises(Declined):
        await payments.charge(order.id, card("4000000000000002"))
    await payments.cancel(order.id, failure)
    assert bench.acquirer.calls == ["authorise"]


async def test_cancelling_refunds_the_charge_once(payments, charged, failure, bench):
    for _ in range(2):
        assert (await payments.cancel(charged.id, failure)).state == "cancelled"
    assert bench.acquirer.calls == ["authorise", "refund"]
    assert (await bench.acquirer.lookup(charged.id)).state == "refunded"
    audit = await payments.audit()
    assert (audit.charged, audit.refunded, audit.paid, audit.acquired) == (2999, 2999, 0, 0)


async def test_a_charge_that_never_reached_the_acquirer_is_voided(payments, order, card, failure, bench):
    bench.acquirer.before["authorise"] = broken
    with pytest.raises(Unavailable):
        await payments.charge(order.id, card())
    await payments.cancel(order.id, failure)
    assert (await bench.acquirer.lookup(order.id)).state == "voided"


async def test_a_charge_whose_answer_got_lost_is_refunded(payments, order, card, failure, bench):
    bench.acquirer.after["authorise"] = broken
    with pytest.raises(Unavailable):
        await payments.charge(order.id, card())
    await payments.cancel(order.id, failure)
    assert (await bench.acquirer.lookup(order.id)).state == "refunded"
    audit = await payments.audit()
    assert (audit.charged, audit.refunded, audit.acquired) == (2999, 2999, 0)


async def test_a_voided_reference_is_not_charged_by_a_request_that_arrives_late(bench, order, card):
    await bench.acquirer.void(order.id)
    assert (await bench.acquirer.authorise(order.id, order.total, card())).state == "voided"
    assert (await bench.acquirer.statement()).balance == 0


async def test_a_paid_order_cannot_be_cancelled(payments, paid, failure):
    with pytest.raises(Conflict):
        await payments.cancel(paid.id, failure)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_refund_that_fails_is_repaired_by_cancelling_again(payments, charged, failure, bench, moment):
    getattr(bench.acquirer, moment)["refund"] = broken
    with pytest.raises(Unavailable):
        await payments.cancel(charged.id, failure)
    bench.acquirer.before.clear()
    bench.acquirer.after.clear()
    await payments.cancel(charged.id, failure)
    audit = await payments.audit()
    assert (audit.charged, audit.refunded, audit.acquired) == (2999, 2999, 0)


async def test_an_order_whose_refund_is_due_can_be_neither_charged_nor_confirmed(
    payments, charged, card, failure, bench
):
    bench.acquirer.before["refund"] = broken
    with pytest.raises(Unavailable):
        await payments.cancel(charged.id, failure)
    with pytest.raises(Conflict):
        await payments.charge(charged.id, card())
    with pytest.raises(Conflict):
        await payments.confirm(charged.id)


async def test_an_order_whose_refund_is_due_does_not_close(payments, charged, failure, bench):
    bench.acquirer.before["refund"] = broken
    with pytest.raises(Unavailable):
        await payments.cancel(charged.id, failure)
    with pytest.raises(Unavailable):
        await payments.close(charged.id)
    assert (await payments.audit()).unclosed == 1


async def test_closing_gives_back_what_cancelling_could_not(payments, charged, failure, bench):
    bench.acquirer.before["refund"] = broken
    with pytest.raises(Unavailable):
        await payments.cancel(charged.id, failure)
    bench.acquirer.before.clear()
    assert (await payments.close(charged.id)).closed
    assert (await bench.acquirer.lookup(charged.id)).state == "refunded"


async def test_a_paid_order_closes(payments, paid):
    assert (await payments.close(paid.id)).closed


async def test_closing_twice_changes_nothing(payments, paid, bench):
    closed = await payments.close(paid.id)
    bench.clock.pass_by(5)
    assert await payments.close(paid.id) == closed


async def test_an_undecided_order_does_not_close(payments, order, card):
    with pytest.raises(Conflict):
        await payments.close(order.id)
    await payments.charge(order.id, card())
    with pytest.raises(Conflict):
        await payments.close(order.id)


async def test_the_audit_adds_up_every_kind_of_order(payments, draft, card, failure):
    orders = [await payments.open(draft(number, amount=1000 * number)) for number in range(1, 6)]
    await payments.charge(orders[1].id, card())
    for order in orders[2:4]:
        await payments.charge(order.id, card())
    await payments.confirm(orders[2].id)
    await payments.close(orders[2].id)
    await payments.cancel(orders[3].id, failure)
    with pytest.raises(Declined):
        await payments.charge(orders[4].id, card("4000000000000002"))
    audit = await payments.audit()
    assert audit.orders == {"open": 2, "charged": 1, "paid": 1, "cancelled": 1}
    assert audit.unclosed == 4
    assert (audit.charged, audit.refunded, audit.paid) == (4499 + 6499 + 8499, 8499, 4499 + 6499)
    assert (audit.acquired, audit.double_charges) == (4499 + 6499, 0)


async def test_the_audit_of_an_empty_ledger_is_zero(payments):
    audit = await payments.audit()
    assert audit.orders == {"open": 0, "charged": 0, "paid": 0, "cancelled": 0}
    assert (audit.unclosed, audit.charged, audit.refunded, audit.paid, audit.acquired, audit.double_charges) == (0,) * 6


async def test_the_audit_shows_an_acquirer_that_took_the_money_twice(payments, charged, bench):
    async with bench.database.write() as session:
        await session.exec(update(TransactionRow).values(captures=2))
    assert (await payments.audit()).double_charges == 1


async def test_a_charged_order_is_cancelled_for_want_of_stock_alone(payments, charged, failure, bench):
    """Whoever saw it open and comes late does not undo what another has charged."""
    with pytest.raises(Conflict):
        await payments.cancel(charged.id, Failure(code="abandoned", detail="Too late."))
    assert (await payments.get(charged.id)).state == "charged"
    assert (await bench.acquirer.lookup(charged.id)).state == "accepted"

    assert (await payments.cancel(charged.id, failure)).state == "cancelled"
