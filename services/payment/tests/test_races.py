"""Two processes at once, each with connections of its own to the same database."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from twinshop.contracts.errors import CartInUse, Conflict, KeyInUse, ShopError, Unavailable
from twinshop.contracts.payment import Order
from twinshop.payment import store
from twinshop.payment.acquirer import AcquirerError
from twinshop.payment.service import PaymentService
from twinshop.payment.tables import OrderRow, TransactionRow

pytestmark = pytest.mark.anyio


async def at_once(*calls):
    return await asyncio.gather(*calls, return_exceptions=True)


def unexpected(answers):
    return [a for a in answers if isinstance(a, BaseException) and not isinstance(a, ShopError)]


async def test_one_key_opened_many_times_at_once_makes_one_order(bench, draft):
    services = [bench.payments, bench.other] * 4
    answers = await at_once(*(service.open(draft()) for service in services))
    assert [type(a) for a in answers].count(Order) == 1
    assert [type(a) for a in answers].count(KeyInUse) == len(services) - 1
    assert sum((await bench.payments.audit()).orders.values()) == 1


async def test_one_cart_opened_with_many_keys_at_once_makes_one_order(bench, draft):
    services = [bench.payments, bench.other] * 4
    answers = await at_once(
        *(service.open(draft(number, cart_id="cart-of-two-windows")) for number, service in enumerate(services))
    )
    assert [type(a) for a in answers].count(Order) == 1
    assert [type(a) for a in answers].count(CartInUse) == len(services) - 1
    assert sum((await bench.payments.audit()).orders.values()) == 1


async def test_two_charges_at_once_charge_once(bench, order, card):
    answers = await at_once(*(service.charge(order.id, card()) for service in (bench.payments, bench.other)))
    assert [answer.state for answer in answers] == ["charged", "charged"]
    audit = await bench.payments.audit()
    assert (audit.acquired, audit.charged, audit.double_charges) == (2999, 2999, 0)


async def test_two_charges_with_different_cards_agree(bench, order, card):
    answers = await at_once(
        bench.payments.charge(order.id, card("4000000000000002")), bench.other.charge(order.id, card())
    )
    assert unexpected(answers) == []
    assert len({type(answer) for answer in answers}) == 1
    audit = await bench.payments.audit()
    assert audit.acquired == audit.charged == audit.paid


async def test_an_order_cancelled_just_before_the_acquirer_is_asked_is_not_charged(bench, order, card, failure):
    async def cancel():
        await bench.other.cancel(order.id, failure)

    bench.acquirer.before["authorise"] = cancel
    with pytest.raises(Conflict):
        await bench.payments.charge(order.id, card())
    assert (await bench.acquirer.lookup(order.id)).state == "voided"
    assert (await bench.payments.get(order.id)).state == "cancelled"


async def test_an_order_cancelled_before_the_answer_is_noted_is_refunded(bench, order, card, failure):
    async def cancel():
        await bench.other.cancel(order.id, failure)

    bench.acquirer.after["authorise"] = cancel
    with pytest.raises(Conflict):
        await bench.payments.charge(order.id, card())
    audit = await bench.payments.audit()
    assert (audit.charged, audit.refunded, audit.acquired) == (2999, 2999, 0)


async def test_an_answer_noted_between_the_two_steps_of_a_cancel_is_refunded_all_the_same(bench, order, card, failure):
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def hold():
        arrived.set()
        await answered.wait()

    async def let_the_charge_end():
        answered.set()
        await asyncio.gather(charging, return_exceptions=True)

    bench.acquirer.after["authorise"] = hold
    charging = asyncio.create_task(bench.payments.charge(order.id, card()))
    await arrived.wait()
    bench.acquirer.after["void"] = let_the_charge_end
    cancelling = PaymentService(bench.database, bench.acquirer, bench.settings, bench.clock)
    assert (await cancelling.cancel(order.id, failure)).state == "cancelled"
    assert isinstance(charging.exception(), Conflict)
    audit = await bench.payments.audit()
    assert (audit.charged, audit.refunded, audit.acquired) == (2999, 2999, 0)


async def test_a_charge_and_a_cancel_at_once_end_in_one_truth(bench, draft, card, failure):
    for number in range(10):
        order = await bench.payments.open(draft(number))
        calls = [bench.payments.charge(order.id, card()), bench.other.cancel(order.id, failure)]
        answers = await at_once(*(reversed(calls) if number % 2 else calls))
        assert unexpected(answers) == []
        await bench.payments.close(order.id)
        transaction = await bench.acquirer.lookup(order.id)
        assert transaction is None or transaction.state in {"voided", "refunded"}
    audit = await bench.payments.audit()
    assert (audit.acquired, audit.charged - audit.refunded, audit.unclosed) == (0, 0, 0)


async def test_a_confirm_and_a_cancel_at_once_end_in_one_truth(bench, draft, card, failure):
    for number in range(10):
        order = await bench.payments.open(draft(number))
        await bench.payments.charge(order.id, card())
        calls = [bench.payments.confirm(order.id), bench.other.cancel(order.id, failure)]
        answers = await at_once(*(reversed(calls) if number % 2 else calls))
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Order"]
    audit = await bench.payments.audit()
    assert audit.acquired == audit.charged - audit.refunded == audit.paid == 2999 * audit.orders["paid"]


async def test_two_claims_at_once_never_get_the_same_order(bench, draft):
    opened = [await bench.payments.open(draft(number)) for number in range(20)]
    bench.clock.pass_by(1000)
    answers = await at_once(*(service.claim(4) for service in [bench.payments, bench.other] * 3))
    claimed = [order.id for answer in answers for order in answer]
    assert len(claimed) == len(set(claimed))
    while more := await bench.payments.claim(4):
        claimed += [order.id for order in more]
    assert sorted(claimed) == sorted(order.id for order in opened)


async def test_two_first_requests_for_one_reference_at_once_are_one_transaction(bench, order, card):
    answers = await at_once(*(bench.acquirer.authorise(order.id, order.total, card()) for _ in range(4)))
    assert {answer.state for answer in answers} == {"accepted"}
    statement = await bench.acquirer.statement()
    assert (statement.balance, statement.repeated) == (2999, 0)


async def in_the_middle(bench, row, call):
    """
    Start a call while somebody else's row is written but not committed, and commit it once the call waits for it.

    SQLite has one writer at a time, so there the call waits before it looks.
    """
    async with bench.database.write() as session:
        await session.merge(row)
        await session.flush()
        calling = asyncio.create_task(call)
        while not bench.database.is_sqlite and not calling.done():
            waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            async with bench.database.engine.connect() as connection:
                if (await connection.execute(waits)).scalar_one():
                    break
    return await calling


async def test_a_key_that_somebody_else_is_writing_is_in_use(bench, draft):
    now = bench.clock.now
    row = OrderRow(**store.new_order(draft(), now, now + timedelta(seconds=30))._asdict())
    with pytest.raises(KeyInUse):
        await in_the_middle(bench, row, bench.other.open(draft()))


async def test_the_acquirer_sees_a_first_request_that_is_being_written(bench, order, card):
    now = bench.clock.now
    row = TransactionRow(reference=order.id, state="voided", created_at=now, updated_at=now)
    answer = await in_the_middle(bench, row, bench.other_acquirer.authorise(order.id, order.total, card()))
    assert answer.state == "voided"


async def test_the_acquirer_sees_a_decision_that_is_being_written(bench, order, card):
    with pytest.raises(AcquirerError):
        await bench.acquirer.authorise(order.id, order.total, card("4000000000000119"))
    now = bench.clock.now
    row = TransactionRow(reference=order.id, state="voided", created_at=now, updated_at=now)
    answer = await in_the_middle(bench, row, bench.other_acquirer.authorise(order.id, order.total, card()))
    assert answer.state == "voided"


async def test_an_order_cancelled_while_it_is_being_closed_stays_open_until_its_refund(bench, charged, failure):
    async def broken():
        raise ConnectionError

    class Interrupted(PaymentService):
        async def get(self, order_id):
            order = await super().get(order_id)
            bench.acquirer.before["refund"] = broken
            with pytest.raises(Unavailable):
                await bench.payments.cancel(order_id, failure)
            return order

    closing = Interrupted(bench.database, bench.acquirer, bench.settings, bench.clock)
    with pytest.raises(Conflict):
        await closing.close(charged.id)
    assert (await bench.payments.audit()).unclosed == 1
