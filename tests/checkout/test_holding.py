"""Who has an order, and who has its stock, while nobody works on it."""

import asyncio
import secrets
from contextlib import suppress

import pytest

from twinshop.contracts.errors import KeyInUse, OutOfStock, Unavailable
from twinshop.storefront.basket import priced
from twinshop.storefront.orders import saga

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ONCE = "4000000000000119"


def new_key():
    return secrets.token_urlsafe(16)


async def the_cart(world, identity):
    cart = await world.shop.carts.get(identity.cart)
    return await priced(world.shop, cart, identity.shopper)


async def test_an_order_that_waits_for_its_shopper_holds_no_stock(world):
    first, second = await world.shopper(AAA_004=5), await world.shopper(AAA_004=5)
    key = new_key()
    with pytest.raises(Unavailable):
        await world.pay(first, key, ONCE)

    assert (await the_cart(world, first)).can_check_out
    assert (await world.pay(second, new_key())).state == "paid"
    with pytest.raises(OutOfStock):
        await world.pay(first, key, ONCE)
    (order,) = await world.shop.payments.find(first.shopper)
    await world.settle()
    assert (await world.shop.payments.get(order.id)).payment.state == "not-charged"
    await world.check_invariants()


async def test_an_order_that_waited_takes_its_stock_again_if_it_is_left(world):
    identity, key = await world.shopper(AAA_004=5), new_key()
    with pytest.raises(Unavailable):
        await world.pay(identity, key, ONCE)

    assert (await world.pay(identity, key, ONCE)).state == "paid"
    await world.settle()
    await world.check_invariants()


async def test_what_the_visitors_own_order_holds_is_sold_out_for_others_only(world):
    """The store front dies with the pieces reserved."""
    identity, other = await world.shopper(AAA_004=5), await world.shopper(AAA_004=1)
    world.killer.aim(5, "after")  # cart, catalogue, open, cart, reserve
    with suppress(world.killed):
        await world.pay(identity, new_key())
    world.killer.spare()
    assert (await world.shop.catalog.audit()).reserved == 5

    mine, theirs = await the_cart(world, identity), await the_cart(world, other)

    assert [line.problem for line in mine.lines] == [None]
    assert mine.lines[0].product.available == 5
    assert mine.can_check_out
    assert not theirs.can_check_out


async def test_a_lease_is_renewed_while_the_card_is_slow_and_the_key_waits(world, monkeypatch):
    """The charge does not answer before its lease was renewed twice, while the clock runs past the first lease."""
    monkeypatch.setattr(saga, "RENEW_SECONDS", 0)
    identity, key = await world.shopper(AAA_001=1), new_key()
    payments, renewed = world.shop.payments, asyncio.Event()
    charge, renew, calls = payments.charge, payments.renew, []

    async def slow(order_id, card):
        await renewed.wait()
        with pytest.raises(KeyInUse):  # somebody still works on it
            await world.pay(identity, key)
        return await charge(order_id, card)

    async def noted(order_id):
        world.clock.advance(4)
        await renew(order_id)
        calls.append(order_id)
        if len(calls) == 3:
            renewed.set()

    payments.charge, payments.renew = slow, noted
    try:
        order = await world.pay(identity, key)
    finally:
        payments.charge, payments.renew = charge, renew

    assert order.state == "paid"
    assert set(calls) == {order.id}
    await world.settle()
    await world.check_invariants()


async def test_the_same_key_carries_on_within_a_lease_when_the_store_front_died_at_a_slow_charge(world):
    identity, key = await world.shopper(AAA_001=1), new_key()
    world.killer.aim(6, "after")  # the charge went through, and nobody is there to hear it
    with suppress(world.killed):
        await world.pay(identity, key)
    world.killer.spare()
    with pytest.raises(KeyInUse):
        await world.pay(identity, key)

    world.clock.advance(5)

    assert (await world.pay(identity, key)).state == "paid"
    assert len(await world.shop.payments.find(identity.shopper)) == 1
    await world.settle()
    await world.check_invariants()


async def test_a_second_press_waits_for_the_first_one(world):
    identity, key = await world.shopper(AAA_001=1), new_key()
    world.patience = 60

    answers = await asyncio.gather(*(world.pay(identity, key) for _ in range(3)))

    assert len({order.id for order in answers}) == 1
    await world.check_invariants()
