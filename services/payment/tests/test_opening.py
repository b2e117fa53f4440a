import re

import pytest

from twinshop.contracts.errors import CartInUse, Invalid, KeyInUse, KeyReused, NotFound
from twinshop.contracts.values import Money

pytestmark = pytest.mark.anyio


async def test_a_new_key_opens_an_order_that_is_the_draft(payments, draft, bench):
    asked = draft()
    order = await payments.open(asked)
    kept = order.model_dump(include={"shopper_id", "cart_id", "lines", "total", "delivery", "language"})
    assert kept == asked.model_dump(include=set(kept))
    assert (order.state, order.closed, order.card, order.failure) == ("open", False, None, None)
    assert order.created_at == order.updated_at == bench.clock.now


async def test_an_order_reads_back_as_it_was_opened(payments, order):
    assert await payments.get(order.id) == order


async def test_moments_come_back_with_their_time_zone(payments, order):
    offset = (await payments.get(order.id)).created_at.utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0


async def test_an_order_number_has_no_look_alikes(order):
    assert re.fullmatch(r"TW-[2-9A-Z]{4}-[2-9A-Z]{4}", order.number)
    assert not set(order.number[3:]) & set("01OILSBZ58")


async def test_a_total_that_is_not_the_sum_of_the_lines_is_refused(payments, draft):
    with pytest.raises(Invalid, match="sum"):
        await payments.open(draft(total=Money(amount=1)))


async def test_lines_that_add_up_to_more_than_any_money_are_refused(payments, draft):
    with pytest.raises(Invalid, match="sum"):
        await payments.open(draft(amount=10**12 - 499, total=Money(amount=10**12)))


async def test_a_key_of_another_shopper_names_another_order(payments, draft, order, card):
    other = draft(shopper_id="shopper-9876543210", cart_id="cart-9876543210-9", fingerprint="e" * 64)
    assert await payments.recall(other.idempotency_key, other.fingerprint, other.shopper_id) is None
    opened = await payments.open(other)
    assert opened.id != order.id
    assert (await payments.recall(other.idempotency_key, other.fingerprint, other.shopper_id)) == opened
    assert (await payments.get(order.id)).shopper_id == order.shopper_id


async def test_a_key_that_comes_with_another_request_is_refused(payments, draft, order, bench):
    bench.clock.pass_by(1000)
    asked = draft(fingerprint="f" * 64)
    with pytest.raises(KeyReused):
        await payments.open(asked)
    with pytest.raises(KeyReused):
        await payments.recall(asked.idempotency_key, asked.fingerprint, asked.shopper_id)


async def test_a_key_whose_order_is_being_worked_on_is_in_use(payments, draft, order, bench):
    bench.clock.pass_by(bench.settings.lease_seconds - 1)
    with pytest.raises(KeyInUse):
        await payments.open(draft())


async def test_a_key_whose_lease_has_run_out_carries_its_order_on(payments, draft, order, bench):
    bench.clock.pass_by(bench.settings.lease_seconds)
    assert (await payments.open(draft())).id == order.id
    with pytest.raises(KeyInUse):
        await payments.open(draft())


async def test_a_charged_order_comes_back_to_be_carried_on(payments, draft, charged, bench):
    bench.clock.pass_by(bench.settings.lease_seconds)
    assert (await payments.open(draft())).state == "charged"


@pytest.mark.parametrize("closed", [False, True])
async def test_a_paid_order_comes_back_as_it_is_at_once(payments, draft, paid, closed):
    expected = await payments.close(paid.id) if closed else paid
    assert await payments.open(draft()) == expected


@pytest.mark.parametrize("closed", [False, True])
async def test_a_cancelled_order_comes_back_as_it_is_at_once(payments, draft, order, failure, closed):
    expected = await payments.cancel(order.id, failure)
    if closed:
        expected = await payments.close(order.id)
    assert await payments.open(draft()) == expected


async def test_recalling_an_unknown_key_finds_nothing(payments):
    assert await payments.recall("never-seen-before", "0" * 64, "shopper-0123456789") is None


async def test_recalling_finds_the_order_without_taking_it(payments, draft, order, bench):
    await payments.suspend(order.id)
    asked = draft()
    assert await payments.recall(asked.idempotency_key, asked.fingerprint, asked.shopper_id) == order
    assert (await payments.open(asked)).id == order.id


async def test_a_shopper_finds_own_orders_newest_first(payments, draft, bench):
    await payments.open(draft(9, shopper_id="shopper-9876543210"))
    opened = []
    for number in (1, 2, 3):
        opened.append(await payments.open(draft(number)))
        bench.clock.pass_by(1)
    assert await payments.find("shopper-0123456789") == tuple(reversed(opened))


async def test_a_shopper_finds_at_most_100_orders(payments, draft):
    for number in range(101):
        await payments.open(draft(number))
    assert len(await payments.find("shopper-0123456789")) == 100


async def test_texts_with_a_nul_character_are_kept(payments, draft):
    asked = draft()
    asked = draft(delivery=asked.delivery.model_copy(update={"street": "1\x00Loop"}))
    order = await payments.open(asked)
    assert (await payments.get(order.id)).delivery.street == "1\x00Loop"


@pytest.mark.parametrize("operation", ["get", "confirm", "close", "suspend", "charge", "cancel"])
async def test_an_unknown_order_is_not_found(payments, card, failure, operation):
    more = {"charge": [card()], "cancel": [failure]}.get(operation, [])
    with pytest.raises(NotFound):
        await getattr(payments, operation)("unknown-0123456789", *more)


def same_cart(draft, order, number=2):
    return draft(number, cart_id=order.cart_id)


async def test_another_key_for_a_cart_whose_order_is_being_worked_on_is_refused(payments, draft, order):
    with pytest.raises(CartInUse) as refused:
        await payments.open(same_cart(draft, order))
    assert refused.value.facts == {"order_id": order.id, "idle": False}


@pytest.mark.parametrize("state", ["charged", "paid"])
async def test_another_key_for_a_cart_that_was_paid_for_is_refused_until_the_order_is_closed(
    payments, draft, charged, bench, state
):
    if state == "paid":
        await payments.confirm(charged.id)
    await payments.suspend(charged.id)
    bench.clock.pass_by(10_000)
    with pytest.raises(CartInUse):
        await payments.open(same_cart(draft, charged))

    if state == "charged":
        await payments.confirm(charged.id)
    await payments.close(charged.id)
    assert (await payments.open(same_cart(draft, charged))).state == "open"


async def test_an_order_that_was_left_uncharged_has_to_be_cancelled_before_its_cart_is_free(
    payments, draft, order, failure
):
    await payments.suspend(order.id)
    with pytest.raises(CartInUse) as refused:
        await payments.open(same_cart(draft, order))
    assert refused.value.facts == {"order_id": order.id, "idle": True}

    await payments.cancel(order.id, failure)
    assert (await payments.open(same_cart(draft, order))).id != order.id


async def test_another_cart_is_not_held_up(payments, draft, order):
    assert (await payments.open(draft(2))).cart_id != order.cart_id
