"""
What a shopper is told about money, in every way an order can end: page, API and ledger agree with the acquirer.

The acquirer's books are read on their own, so that the ledger's word is not checked against itself.
"""

import html
import json
import re
import secrets
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from twinshop.contracts.errors import OutOfStock, ShopError, Unavailable
from twinshop.kit import app as kit_app
from twinshop.kit.settings import ServerSettings
from twinshop.storefront import messages
from twinshop.storefront.app import build
from twinshop.storefront.orders.resume import resume_unfinished
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.visitor import Visitor, Visitors, cookie_name

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ACCEPTED, DECLINED, NO_MONEY, ONCE = "4242424242424242", "4000000000000002", "4000000000009995", "4000000000000119"
CALLS = 12
"""More than a purchase makes."""
TAKEN = {
    "not-charged": {None, "new", "failed", "declined", "voided"},
    "charged": {"accepted"},
    "refunded": {"refunded"},
}
"""What the acquirer's books may hold where the shopper reads this."""

kills = st.tuples(st.integers(1, CALLS), st.sampled_from(["before", "after"]))
acts = st.one_of(
    st.tuples(st.just("press"), st.none() | kills),
    st.tuples(st.just("resume"), st.none() | kills),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 120, 1200])),
    st.tuples(st.just("sell out"), st.none()),
)


def new_key():
    return secrets.token_urlsafe(16)


@pytest.fixture
async def reader(world):
    """Opens pages and API as a given shopper."""
    store_front = StorefrontSettings(secret=secrets.token_hex(16), resume_seconds=3600)
    front = build(world.shop, store_front, "test")
    app = kit_app.create_app([front.component], ServerSettings(hosts={"shop.test"}), title="test", render=front.render)
    visitors = Visitors(store_front)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:

        async def read(identity, path):
            response = httpx.Response(200)
            response.set_cookie = lambda name, value, **_: response.headers.update({"cookie": f"{name}={value}"})
            visitors.remember(Visitor(identity, known=False, forged=False), response)
            assert response.headers["cookie"].startswith(cookie_name(identity))
            headers = {"accept": "text/html", "accept-language": "en", "cookie": response.headers["cookie"]}
            return await client.get(path, headers=headers)

        yield read


async def taken(world, order_id):
    """The state of the order in the acquirer's own books."""
    acquired = await world.shop.payments._charging._acquirer.lookup(order_id)
    return None if acquired is None else acquired.state


def money_on(page):
    """Which sentence about money a page says."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    said = {
        state: re.escape(sentence).replace(r"\{total\}", ".+?").replace(r"\{date\}", ".+?")
        for state, sentence in messages.MONEY.items()
    }
    return {state for state, pattern in said.items() if re.search(pattern, text)}


async def agree(world, read, identity):
    """Ledger, page, history and API say the same, and it is what the acquirer has done."""
    listed = (await read(identity, "/orders")).text
    for order in await world.shop.payments.find(identity.shopper):
        state = order.payment.state
        held = await taken(world, order.id)
        if state in TAKEN:
            assert held in TAKEN[state], (order, held)
        page, api = await read(identity, f"/orders/{order.id}"), await read(identity, f"/api/orders/{order.id}")
        assert messages.MONEY_IN_SHORT[state] in page.text
        assert messages.MONEY_IN_SHORT[state] in listed
        assert json.loads(api.text)["payment"] == order.payment.model_dump(mode="json")
        said = money_on(page.text)
        if order.state == "cancelled":
            assert state in said
        assert said <= {state, "charged"} if state in {"refunding", "refunded"} else said <= {state}
        if order.closed:
            assert state == (
                "charged" if order.state == "paid" else "refunded" if held == "refunded" else "not-charged"
            )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.sampled_from([ACCEPTED, ACCEPTED, DECLINED, NO_MONEY, ONCE]),
    story=st.lists(acts, min_size=1, max_size=6),
)
@example(number=ACCEPTED, story=[("press", (7, "after")), ("sell out", None), ("wait", 120), ("resume", None)])
async def test_whatever_happens_to_an_order_text_and_ledger_agree_about_the_money(world, reader, number, story):
    identity, key, gone = await world.shopper(AAA_001=2), new_key(), []
    commit, taken = world.shop.catalog.commit, set()

    async def take(order_id):
        reservation = await commit(order_id)
        taken.add(order_id)
        return reservation

    async def take_no_more(order_id):
        """An order keeps the stock it was given: a repeated commit succeeds again."""
        return await (commit if order_id in taken else sold_out)(order_id)

    world.shop.catalog.commit = take
    try:
        for act, how in story:
            world.killer.spare()
            if act == "wait":
                world.clock.advance(how)
            elif act == "sell out":
                world.shop.catalog.commit = take_no_more
            else:
                if how is not None:
                    world.killer.aim(*how)
                with suppress(world.killed, ShopError):
                    if act == "press":
                        await world.pay(identity, key, number)
                    else:
                        await resume_unfinished(world.mortal_shop)
            world.killer.spare()
            await agree(world, reader, identity)
        await world.settle()
        await agree(world, reader, identity)
        gone = [order for order in await world.shop.payments.find(identity.shopper) if not order.closed]
    finally:
        world.shop.catalog.commit = commit
    assert gone == []


async def sold_out(order_id):
    raise OutOfStock("There is not enough left of some products.", shortages=[])


async def test_stock_that_is_gone_after_the_charge_is_told_as_a_refund(world, reader):
    identity = await world.shopper(AAA_001=1)
    commit = world.shop.catalog.commit
    world.shop.catalog.commit = sold_out
    try:
        with pytest.raises(OutOfStock) as caught:
            await world.pay(identity, new_key())
    finally:
        world.shop.catalog.commit = commit

    (order,) = await world.shop.payments.find(identity.shopper)
    assert caught.value.facts["order_id"] == order.id
    assert caught.value.facts["payment"]["state"] == "refunded"
    page = (await reader(identity, f"/orders/{order.id}")).text
    assert "Your card was charged €12.50. The money was refunded on 24 November 2026, 12:00 UTC." in html.unescape(page)
    assert "There is not enough left of some products." in page
    assert "not charged" not in page.lower()


async def test_a_charge_whose_order_was_cancelled_meanwhile_is_told_as_a_refund(world, reader):
    """The card company takes its time, the ledger its own, and the order is given up in between."""
    identity = await world.shopper(AAA_001=1)
    acquirer = world.shop.payments._charging._acquirer
    authorise = acquirer.authorise

    async def late(reference, amount, card):
        answer = await authorise(reference, amount, card)
        world.clock.advance(3600)
        await resume_unfinished(world.shop)
        return answer

    acquirer.authorise = late
    with suppress(ShopError):
        await world.pay(identity, new_key())
    await world.settle()

    (order,) = await world.shop.payments.find(identity.shopper)
    assert (order.state, order.payment.state) == ("cancelled", "refunded")
    page = html.unescape((await reader(identity, f"/orders/{order.id}")).text)
    assert "The order was not paid in time, so it was cancelled." in page
    assert "The money was refunded on" in page
    assert "Nothing was charged" not in page
    await agree(world, reader, identity)


async def test_a_charge_that_nobody_knows_about_is_told_as_unknown(world, reader):
    identity = await world.shopper(AAA_001=1)
    with pytest.raises(Unavailable):
        await world.pay(identity, new_key(), ONCE)

    (order,) = await world.shop.payments.find(identity.shopper)
    page = html.unescape((await reader(identity, f"/orders/{order.id}")).text)
    assert messages.MONEY["unknown"] in page
    assert messages.MONEY["not-charged"] not in page
