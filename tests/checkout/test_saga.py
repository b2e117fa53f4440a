"""
The checkout, killed and resumed at every step.

A store front dies before or after any of its calls; the shopper presses again, another store front carries on, or both.
Whatever happened, the invariants hold once the dust has settled.
"""

import asyncio
import secrets
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinshop.contracts.errors import Declined, KeyInUse, KeyReused, OutOfStock, PriceChanged, ShopError, Unavailable
from twinshop.storefront.orders.resume import resume_unfinished

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ACCEPTED, DECLINED, ONCE = "4242424242424242", "4000000000000002", "4000000000000119"
CALLS = 12
"""More than a purchase makes."""

kills = st.tuples(st.integers(1, CALLS), st.sampled_from(["before", "after"]))
acts = st.one_of(
    st.tuples(st.just("press"), st.none() | kills),
    st.tuples(st.just("resume"), st.none() | kills),
    st.tuples(st.just("wait"), st.sampled_from([1, 31, 120, 1200])),
)


def new_key():
    return secrets.token_urlsafe(16)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    purchases=st.lists(
        st.tuples(st.sampled_from([ACCEPTED, ACCEPTED, DECLINED, ONCE]), st.integers(1, 3), st.booleans()),
        min_size=1,
        max_size=2,
    ),
    story=st.lists(st.tuples(st.integers(0, 1), acts), min_size=1, max_size=7),
)
async def test_whoever_dies_wherever_the_invariants_hold(world, purchases, story):
    shoppers = []
    for number, quantity, sold_out in purchases:
        identity = await world.shopper(AAA_001=quantity, **({"AAA_003": 1} if sold_out else {"AAA_002": 2}))
        shoppers.append((identity, new_key(), number))
    for who, (act, how) in story:
        identity, key, number = shoppers[who % len(shoppers)]
        world.killer.spare()
        if act == "wait":
            world.clock.advance(how)
            continue
        if how is not None:
            world.killer.aim(*how)
        with suppress(world.killed, ShopError):
            if act == "press":
                await world.pay(identity, key, number)
            else:
                await resume_unfinished(world.mortal_shop)

    await world.settle()
    await world.check_invariants()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, CALLS))
async def test_a_shopper_who_presses_again_after_a_crash_gets_the_order_once(world, at, when):
    identity, key = await world.shopper(AAA_001=2), new_key()
    world.killer.aim(at, when)
    with suppress(world.killed):
        await world.pay(identity, key)
    world.killer.spare()
    world.clock.advance(31)  # the dead one's lease has run out, and the order is still the shopper's

    order = await world.pay(identity, key)

    assert order.state == "paid"
    assert len(await world.shop.payments.find(identity.shopper)) == 1
    await world.settle()
    await world.check_invariants()


@pytest.mark.parametrize("at", range(1, CALLS))
async def test_nobody_presses_again_and_no_order_stays_unfinished(world, at):
    identity = await world.shopper(AAA_001=2)
    world.killer.aim(at, "after")
    with suppress(world.killed):
        await world.pay(identity, new_key())

    await world.settle()

    await world.check_invariants()


async def test_a_purchase_that_nothing_disturbs_is_paid_and_empties_the_cart(world):
    identity = await world.shopper(AAA_001=2, AAA_002=1)

    order = await world.pay(identity, new_key())

    assert (order.state, order.closed, order.total.amount) == ("paid", True, 3 * 1250)
    assert (await world.shop.carts.get(identity.cart)).lines == ()
    await world.check_invariants()


async def test_what_was_added_while_paying_stays_in_the_cart(world):
    identity, key = await world.shopper(AAA_001=1), new_key()
    world.killer.aim(7, "before")
    with pytest.raises(world.killed):
        await world.pay(identity, key)
    added = await world.shopper(AAA_002=4)
    lines = (await world.shop.carts.get(added.cart)).lines
    await world.shop.carts.merge(identity.cart, lines, new_key())

    await world.settle()

    assert [(line.sku, line.quantity) for line in (await world.shop.carts.get(identity.cart)).lines] == [("AAA-002", 4)]


async def test_what_is_bought_again_is_not_taken_out_a_second_time(world):
    identity = await world.shopper(AAA_001=1)
    world.killer.aim(8, "after")  # the cart is cleared, and nobody notes it
    with pytest.raises(world.killed):
        await world.pay(identity, new_key())
    added = await world.shopper(AAA_001=1)
    await world.shop.carts.merge(identity.cart, (await world.shop.carts.get(added.cart)).lines, new_key())

    await world.settle()

    assert [line.quantity for line in (await world.shop.carts.get(identity.cart)).lines] == [1]


async def test_a_double_click_buys_once(world):
    identity, key = await world.shopper(AAA_001=1), new_key()

    answers = await asyncio.gather(*(world.pay(identity, key) for _ in range(5)), return_exceptions=True)

    assert {type(answer) for answer in answers if isinstance(answer, Exception)} <= {KeyInUse}
    assert len({answer.id for answer in answers if not isinstance(answer, Exception)}) == 1
    assert len(await world.shop.payments.find(identity.shopper)) == 1
    await world.settle()
    await world.check_invariants()


async def test_a_paid_key_gives_the_same_order_again_though_the_cart_is_empty_now(world):
    identity, key = await world.shopper(AAA_001=1), new_key()
    first = await world.pay(identity, key)

    again = await world.pay(identity, key)

    assert (again.id, again.total, again.lines) == (first.id, first.total, first.lines)


async def test_a_declined_key_is_declined_again_and_charges_nothing(world):
    identity, key = await world.shopper(AAA_001=1), new_key()
    told = []
    for _ in range(2):
        with pytest.raises(Declined) as caught:
            await world.pay(identity, key, DECLINED)
        told.append((caught.value.detail, caught.value.facts))

    assert told[0] == told[1]
    await world.check_invariants()


async def test_a_key_with_another_request_is_refused(world):
    identity, key = await world.shopper(AAA_001=1), new_key()
    await world.pay(identity, key)

    with pytest.raises(KeyReused):
        await world.pay(identity, key, total=1250)


async def test_a_key_of_somebody_else_is_another_key(world):
    key = new_key()
    first = await world.pay(await world.shopper(AAA_001=1), key)
    second = await world.pay(await world.shopper(AAA_001=1), key)

    assert first.id != second.id
    await world.check_invariants()


async def test_out_of_stock_names_the_product_and_the_cart_is_kept(world):
    identity = await world.shopper(AAA_001=1, AAA_003=2)

    with pytest.raises(OutOfStock) as caught:
        await world.pay(identity, new_key())

    assert caught.value.facts["shortages"] == [{"sku": "AAA-003", "requested": 2, "available": 0}]
    assert len((await world.shop.carts.get(identity.cart)).lines) == 2
    await world.check_invariants()


async def test_another_total_than_the_shopper_saw_is_refused_before_anything_happens(world):
    identity = await world.shopper(AAA_001=1)

    with pytest.raises(PriceChanged):
        await world.pay(identity, new_key(), total=999)

    assert await world.shop.payments.find(identity.shopper) == ()


async def test_an_acquirer_that_fails_once_is_asked_again_by_the_second_press(world):
    identity, key = await world.shopper(AAA_001=1), new_key()
    with pytest.raises(Unavailable):
        await world.pay(identity, key, ONCE)

    order = await world.pay(identity, key, ONCE)

    assert order.state == "paid"
    await world.settle()
    await world.check_invariants()


async def test_an_order_left_unpaid_is_cancelled_and_its_stock_given_back(world):
    identity = await world.shopper(AAA_001=3)
    with pytest.raises(Unavailable):
        await world.pay(identity, new_key(), ONCE)

    await world.settle()

    (order,) = await world.shop.payments.find(identity.shopper)
    assert order.state == "cancelled"
    assert order.failure is not None
    assert order.failure.code == "abandoned"
    await world.check_invariants()


async def test_two_store_fronts_that_resume_at_once_end_the_same_order_the_same_way(world):
    identity = await world.shopper(AAA_001=1)
    world.killer.aim(5, "after")
    with suppress(world.killed):
        await world.pay(identity, new_key())
    world.killer.spare()
    world.clock.advance(3600)

    await asyncio.gather(*(resume_unfinished(world.shop) for _ in range(4)))

    await world.settle()
    await world.check_invariants()
