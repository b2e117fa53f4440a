import asyncio
from datetime import UTC, datetime

import pytest

from twinshop.contracts.errors import Conflict, Declined, Invalid, KeyInUse, Unavailable
from twinshop.payment import acquirer
from twinshop.payment.service import PaymentService

pytestmark = pytest.mark.anyio

ACCEPTED = [
    ("4242424242424242", "Visa", "4242"),
    ("5555555555554444", "Mastercard", "4444"),
    ("378282246310005", "American Express", "0005"),
    ("4000000000000341", "Visa", "0341"),
]
DECLINED = [
    ("4000000000000002", "card_declined"),
    ("4000000000009995", "insufficient_funds"),
    ("2223003122003222", "test_mode"),  # a Mastercard number, but none of the test cards
    ("6011111111111117", "test_mode"),
]


@pytest.mark.parametrize(("number", "brand", "last4"), ACCEPTED)
async def test_a_good_test_card_is_charged(payments, order, card, bench, number, brand, last4):
    charged = await payments.charge(order.id, card(number))
    assert (charged.state, charged.card.brand, charged.card.last4) == ("charged", brand, last4)
    assert (await payments.audit()).acquired == order.total.amount


@pytest.mark.parametrize(("number", "reason"), DECLINED)
async def test_a_bad_card_is_declined_for_its_reason(payments, order, card, number, reason):
    with pytest.raises(Declined) as caught:
        await payments.charge(order.id, card(number))
    assert caught.value.facts == {"reason": reason}
    assert (await payments.get(order.id)).state == "open"
    assert (await payments.audit()).acquired == 0


async def test_the_slow_card_takes_its_time(bench, order, card):
    slow = acquirer.TestAcquirer(bench.database, 60, bench.clock)
    settings = bench.settings.model_copy(update={"acquirer_seconds": 0.01})
    with pytest.raises(Unavailable):
        await PaymentService(bench.database, slow, settings, bench.clock).charge(order.id, card("4000000000000341"))


async def test_the_card_that_fails_once_is_accepted_the_next_time(payments, order, card):
    with pytest.raises(Unavailable) as caught:
        await payments.charge(order.id, card("4000000000000119"))
    assert caught.value.facts == {"component": "acquirer"}
    assert (await payments.charge(order.id, card("4000000000000119"))).state == "charged"


async def test_the_card_that_fails_once_fails_once_for_each_order(payments, draft, card):
    for number in (1, 2):
        order = await payments.open(draft(number))
        with pytest.raises(Unavailable):
            await payments.charge(order.id, card("4000000000000119"))


@pytest.mark.parametrize("typed", ["4242 4242 4242 4242", "4242-4242-4242-4242"])
async def test_spaces_and_dashes_in_the_number_do_not_matter(payments, order, card, typed):
    assert (await payments.charge(order.id, card(typed))).card.last4 == "4242"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": "4242424242424241"}, "card.number"),
        ({"number": "4242"}, "card.number"),
        ({"number": "4242x42424242424"}, "card.number"),
        ({"month": 5, "year": 2030}, "card.expiry"),
        ({"code": "12"}, "card.code"),
        ({"code": "1234"}, "card.code"),
        ({"number": "378282246310005", "code": "123"}, "card.code"),
    ],
)
async def test_a_card_that_cannot_be_right_is_refused_by_field_before_anything_is_stored(
    payments, order, card, bench, wrong, field
):
    with pytest.raises(Invalid) as caught:
        await payments.charge(order.id, card(**wrong))
    assert caught.value.facts["field"] == field
    assert wrong.get("number", "4242424242424242") not in caught.value.detail
    assert bench.acquirer.calls == []
    assert (await payments.charge(order.id, card())).state == "charged"


async def test_a_card_is_good_through_the_last_moment_of_its_month(payments, order, card, bench):
    bench.clock.now = datetime(2030, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert (await payments.charge(order.id, card(month=6, year=2030))).state == "charged"


async def test_charging_twice_charges_once(payments, charged, card, bench):
    assert await payments.charge(charged.id, card()) == charged
    assert bench.acquirer.calls == ["authorise"]


async def test_a_declined_order_stays_declined_for_the_same_reason_whatever_card_comes(payments, order, card, bench):
    for number in ("4000000000009995", "4242424242424242"):
        with pytest.raises(Declined) as caught:
            await payments.charge(order.id, card(number))
        assert caught.value.facts == {"reason": "insufficient_funds"}
    assert bench.acquirer.calls == ["authorise"]


async def test_charging_a_paid_order_returns_it(payments, paid, card):
    assert await payments.charge(paid.id, card()) == paid


async def test_a_cancelled_order_cannot_be_charged(payments, order, card, failure, bench):
    await payments.cancel(order.id, failure)
    with pytest.raises(Conflict):
        await payments.charge(order.id, card())
    assert bench.acquirer.calls == []


async def test_an_answer_that_got_lost_is_asked_for_again_without_a_second_charge(payments, order, card, bench):
    async def lost():
        raise ConnectionError

    bench.acquirer.after["authorise"] = lost
    with pytest.raises(Unavailable):
        await payments.charge(order.id, card())
    assert (await payments.get(order.id)).state == "open"
    del bench.acquirer.after["authorise"]
    assert (await payments.charge(order.id, card())).state == "charged"
    audit = await payments.audit()
    assert (audit.acquired, audit.charged, audit.double_charges) == (order.total.amount, order.total.amount, 0)


async def test_the_card_on_the_order_is_the_one_that_was_charged_first(payments, order, card, bench):
    async def lost():
        raise ConnectionError

    bench.acquirer.after["authorise"] = lost
    with pytest.raises(Unavailable):
        await payments.charge(order.id, card("5555555555554444"))
    del bench.acquirer.after["authorise"]
    assert (await payments.charge(order.id, card("4242424242424242"))).card.last4 == "4444"


async def test_an_acquirer_that_takes_too_long_is_unavailable(bench, order, card):
    async def forever():
        await asyncio.Event().wait()

    bench.acquirer.before["authorise"] = forever
    settings = bench.settings.model_copy(update={"acquirer_seconds": 0.01})
    impatient = PaymentService(bench.database, bench.acquirer, settings, bench.clock)
    with pytest.raises(Unavailable):
        await impatient.charge(order.id, card())
    bench.acquirer.before.clear()
    assert (await bench.payments.charge(order.id, card())).state == "charged"


async def test_the_ledger_is_not_locked_while_the_acquirer_is_asked(payments, order, card, bench):
    async def look():
        await bench.other.suspend(order.id)  # needs the order's row

    bench.acquirer.before["authorise"] = look
    assert (await payments.charge(order.id, card())).state == "charged"


async def test_charging_renews_the_lease(payments, draft, order, card, bench):
    bench.clock.pass_by(bench.settings.lease_seconds - 1)
    await payments.charge(order.id, card())
    bench.clock.pass_by(bench.settings.lease_seconds - 1)
    with pytest.raises(KeyInUse):
        await payments.open(draft())


async def test_a_charge_that_the_acquirer_took_back_by_itself_is_a_declined_one(payments, order, card, bench):
    await bench.acquirer.void(order.id)
    with pytest.raises(Declined) as caught:
        await payments.charge(order.id, card())
    assert caught.value.facts == {"reason": "voided"}
