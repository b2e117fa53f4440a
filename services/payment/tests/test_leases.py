"""Who works on an order: suspend, claim."""

import pytest

from twinshop.contracts.errors import Invalid

pytestmark = pytest.mark.anyio


async def test_a_suspended_order_can_be_carried_on_at_once(payments, draft, order):
    await payments.suspend(order.id)
    assert (await payments.open(draft())).id == order.id


async def test_an_order_that_somebody_works_on_is_not_claimed(payments, order, bench):
    bench.clock.pass_by(bench.settings.lease_seconds - 1)
    assert await payments.claim(10) == ()


async def test_a_charged_order_whose_lease_has_run_out_is_claimed(payments, charged, bench):
    bench.clock.pass_by(bench.settings.lease_seconds)
    assert await payments.claim(10) == (charged,)


async def test_an_order_whose_lease_is_renewed_is_not_claimed(payments, charged, bench):
    for _ in range(5):
        bench.clock.pass_by(bench.settings.lease_seconds - 1)
        await payments.renew(charged.id)
    assert await payments.claim(10) == ()


async def test_the_same_key_carries_on_as_soon_as_nobody_renews_the_lease(payments, draft, order, bench):
    bench.clock.pass_by(bench.settings.lease_seconds - 1)
    await payments.renew(order.id)
    bench.clock.pass_by(bench.settings.lease_seconds)
    assert (await payments.open(draft())).id == order.id


async def test_a_lease_that_was_given_up_cannot_be_renewed(payments, draft, order, bench):
    await payments.suspend(order.id)
    await payments.renew(order.id)
    assert (await payments.open(draft())).id == order.id


async def test_an_open_order_whose_lease_has_run_out_is_left_to_the_shopper_for_the_grace_period(
    payments, draft, order, bench
):
    bench.clock.pass_by(bench.settings.lease_seconds + bench.settings.grace_seconds - 1)
    assert await payments.claim(10) == ()
    assert (await payments.open(draft())).id == order.id


async def test_an_open_order_that_its_shopper_has_left_is_claimed(payments, order, bench):
    bench.clock.pass_by(bench.settings.lease_seconds + bench.settings.grace_seconds)
    assert await payments.claim(10) == (order,)


async def test_a_claimed_order_is_not_claimed_again_until_the_lease_runs_out(payments, charged, bench):
    for _ in range(2):
        bench.clock.pass_by(bench.settings.lease_seconds)
        assert len(await payments.claim(10)) == 1
        assert await payments.claim(10) == ()


async def test_a_suspended_order_is_left_to_the_shopper_for_the_grace_period(payments, order, bench):
    await payments.suspend(order.id)
    bench.clock.pass_by(bench.settings.grace_seconds - 1)
    assert await payments.claim(10) == ()
    bench.clock.pass_by(1)
    assert await payments.claim(10) == (order,)


async def test_a_suspended_order_that_is_charged_is_carried_on_at_once(payments, charged):
    await payments.suspend(charged.id)
    assert [order.id for order in await payments.claim(10)] == [charged.id]


async def test_the_oldest_orders_are_claimed_first(payments, draft, bench):
    opened = []
    for number in (3, 1, 2):
        opened.append(await payments.open(draft(number)))
        bench.clock.pass_by(1)
    bench.clock.pass_by(bench.settings.lease_seconds + bench.settings.grace_seconds)
    assert await payments.claim(2) == tuple(opened[:2])
    assert await payments.claim(2) == tuple(opened[2:])


async def test_a_decided_order_is_claimed_until_it_is_closed(payments, paid, bench):
    bench.clock.pass_by(1000)
    assert await payments.claim(10) == (paid,)
    await payments.close(paid.id)
    bench.clock.pass_by(1000)
    assert await payments.claim(10) == ()


async def test_suspending_a_closed_order_changes_nothing(payments, paid, bench):
    closed = await payments.close(paid.id)
    await payments.suspend(paid.id)
    bench.clock.pass_by(1000)
    assert await payments.claim(10) == ()
    assert await payments.get(paid.id) == closed


@pytest.mark.parametrize("limit", [0, 101])
async def test_a_claim_has_its_limits(payments, limit):
    with pytest.raises(Invalid, match="1 to 100"):
        await payments.claim(limit)
