"""Whatever happens in whatever order, and wherever the process dies: recovery ends with the books in order."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinshop.contracts.errors import Conflict, ShopError
from twinshop.contracts.payment import Failure

pytestmark = pytest.mark.anyio

ABANDONED = Failure(code="abandoned", detail="Nobody finished it.")
CARDS = ["4242424242424242", "4000000000000002", "4000000000000119", "4000000000000341"]
LET_GO = {"none", "refused", "declined", "voided", "refunded"}


class DiedError(BaseException):
    """The process is gone: nobody catches it, nobody tidies up."""


numbers = st.integers(0, 2)
actions = st.one_of(
    st.tuples(st.just("charge"), numbers, st.sampled_from(CARDS)),
    st.tuples(st.sampled_from(["open", "confirm", "cancel", "close", "suspend"]), numbers, st.none()),
    st.tuples(st.just("claim"), st.integers(1, 3), st.none()),
)
crashes = st.none() | st.tuples(
    st.sampled_from(["before", "after"]),
    st.sampled_from(["authorise", "void", "refund"]),
    st.sampled_from([ConnectionError, DiedError]),
)
steps = st.lists(
    st.tuples(st.lists(actions, min_size=1, max_size=3), crashes, st.sampled_from([0, 0, 10, 35, 100])), max_size=20
)


class Shop:
    """A store front without sense: does anything at any time, and remembers what it was told."""

    def __init__(self, bench, draft, card):
        self.bench, self.draft, self.card = bench, draft, card
        self.ids, self.charged, self.confirmed, self.cancelled = {}, set(), set(), set()

    async def act(self, service, what, number, card):
        if what == "open":
            self.ids[number] = (await service.open(self.draft(number))).id
        elif what == "claim":
            await service.claim(number)
        elif number in self.ids:
            order_id = self.ids[number]
            if what == "charge":
                await service.charge(order_id, self.card(card))
                self.charged.add(order_id)
            elif what == "confirm":
                await service.confirm(order_id)
                self.confirmed.add(order_id)
            elif what == "cancel":
                self.cancelled.add(order_id)  # it holds even if the answer is never heard
                await service.cancel(order_id, ABANDONED)
            else:
                await getattr(service, what)(order_id)

    async def step(self, actions, crash):
        hooks = {"before": self.bench.acquirer.before, "after": self.bench.acquirer.after}

        async def fail():
            raise crash[2]

        if crash is not None:
            hooks[crash[0]][crash[1]] = fail
        services = [self.bench.payments, self.bench.other, self.bench.payments]
        calls = (self.act(service, *action) for service, action in zip(services, actions, strict=False))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for hook in hooks.values():
            hook.clear()
        expected = (ShopError, DiedError)
        assert [a for a in answers if isinstance(a, BaseException) and not isinstance(a, expected)] == []

    async def recover(self):
        """What the real store front does with orders that nobody works on."""
        payments = self.bench.payments
        for _ in range(3):
            self.bench.clock.pass_by(1000)
            for order in await payments.claim(10):
                if order.state == "open":
                    await payments.cancel(order.id, ABANDONED)
                elif order.state == "charged":
                    await payments.confirm(order.id)
                await payments.close(order.id)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@pytest.mark.slow
async def test_the_books_are_in_order_after_any_history(bench, draft, card, steps):
    await bench.clear()
    shop = Shop(bench, draft, card)
    for actions_at_once, crash, pause in [([("open", 0, None), ("open", 1, None)], None, 0), *steps]:
        await shop.step(actions_at_once, crash)
        bench.clock.pass_by(pause)
        assert (await bench.payments.audit()).double_charges == 0
    await shop.recover()

    audit = await bench.payments.audit()
    assert audit.unclosed == 0
    assert audit.charged - audit.refunded == audit.paid == audit.acquired
    assert audit.double_charges == 0
    for order_id in shop.ids.values():
        order = await bench.payments.get(order_id)
        held = await bench.acquirer.lookup(order_id)
        if order.state == "paid":
            assert (held.state, held.amount) == ("accepted", order.total)
        else:
            assert held is None or held.state in LET_GO
        if order_id in shop.confirmed or order_id in shop.charged - shop.cancelled:
            assert order.state == "paid"


async def test_a_process_that_dies_with_the_money_taken_leaves_an_order_that_is_refunded(bench, order, card):
    async def die():
        raise DiedError

    bench.acquirer.after["authorise"] = die
    with pytest.raises(DiedError):
        await bench.payments.charge(order.id, card())
    bench.clock.pass_by(1000)
    (found,) = await bench.other.claim(10)
    await bench.other.cancel(found.id, ABANDONED)
    assert (await bench.other.close(found.id)).state == "cancelled"
    assert (await bench.acquirer.lookup(order.id)).state == "refunded"


async def test_a_process_that_dies_while_cancelling_leaves_an_order_that_is_found_and_refunded(bench, charged, failure):
    async def die():
        raise DiedError

    bench.acquirer.before["refund"] = die
    with pytest.raises(DiedError):
        await bench.payments.cancel(charged.id, failure)
    with pytest.raises(Conflict):
        await bench.other.confirm(charged.id)
    bench.clock.pass_by(1000)
    (found,) = await bench.other.claim(10)
    assert found.state == "cancelled"
    assert (await bench.other.close(found.id)).closed
    assert (await bench.acquirer.lookup(charged.id)).state == "refunded"
