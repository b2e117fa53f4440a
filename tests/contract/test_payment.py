"""The contract of `twinshop.contracts.payment.Payments`."""

from functools import partial

import pytest

from twinshop.contracts.errors import Conflict, Declined, Invalid, KeyInUse, KeyReused, NotFound, Unavailable
from twinshop.contracts.payment import Card, CardSummary, Delivery, Failure, OrderDraft, OrderLine
from twinshop.contracts.values import Money
from twinshop.payment.app import build
from twinshop.payment.settings import PaymentSettings
from twinshop.storefront.clients import HttpPayments

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PRICE, TOTAL = Money(amount=1999), Money(amount=3998)
OUT_OF_STOCK = Failure(code="out-of-stock", detail="Out of stock", facts={"shortages": [{"sku": "KIT-001"}]})
CHANGED_MIND = Failure(code="conflict", detail="Changed my mind")


def card(number="4242424242424242"):
    return Card(number=number, expiry_month=12, expiry_year=2099, code="123")


@pytest.fixture(scope="module")
async def opened(reach, database):
    settings = PaymentSettings(database_url=f"sqlite:///{database}", grace_seconds=0)
    async with reach(build(settings), partial(HttpPayments, charge_seconds=5)) as port:
        yield port


@pytest.fixture
def payments(opened, restored):
    return opened


@pytest.fixture
def draft(make_id):
    return OrderDraft(
        idempotency_key=make_id(),
        fingerprint="0" * 64,
        shopper_id=make_id(),
        cart_id=make_id(),
        lines=(OrderLine(sku="KIT-001", name="Frying pan", quantity=2, price=PRICE),),
        total=TOTAL,
        delivery=Delivery(
            name="Ada", email="ada@example.org", street="Main Street 1", postcode="08001", city="Lleida", country="ES"
        ),
    )


@pytest.fixture
async def order(payments, draft):
    return await payments.open(draft)


@pytest.fixture
async def charged(payments, order):
    return await payments.charge(order.id, card())


@pytest.fixture
async def paid(payments, charged):
    return await payments.confirm(charged.id)


async def test_an_order_keeps_what_its_draft_says(payments, draft, order):
    kept = {"shopper_id", "cart_id", "lines", "total", "delivery", "language"}
    assert order.model_dump(include=kept) == draft.model_dump(include=kept)
    assert (order.state, order.closed) == ("open", False)
    assert await payments.get(order.id) == order


async def test_a_key_opens_one_order(payments, draft, order):
    await payments.suspend(order.id)
    assert await payments.open(draft) == order
    assert await payments.find(draft.shopper_id) == (order,)


async def test_a_key_is_in_use_while_somebody_works_on_its_order(payments, draft, order, refuses):
    with refuses(KeyInUse):
        await payments.open(draft)


async def test_a_key_belongs_to_one_request(payments, draft, order, refuses):
    with refuses(KeyReused):
        await payments.open(draft.model_copy(update={"fingerprint": "1" * 64}))


async def test_a_key_recalls_its_order(payments, draft, order):
    assert await payments.recall(draft.idempotency_key, draft.fingerprint, draft.shopper_id) == order


async def test_a_key_that_opened_nothing_recalls_none(payments, draft):
    assert await payments.recall(draft.idempotency_key, draft.fingerprint, draft.shopper_id) is None


async def test_a_key_recalls_nothing_for_another_shopper(payments, draft, order, make_id):
    assert await payments.recall(draft.idempotency_key, draft.fingerprint, make_id()) is None


async def test_renewing_leaves_an_order_as_it_is(payments, order):
    await payments.renew(order.id)
    assert await payments.get(order.id) == order


async def test_an_order_tells_what_happened_to_its_money(payments, order):
    assert order.payment.state == "not-charged"
    assert (await payments.charge(order.id, card())).payment.state == "charged"
    cancelled = await payments.cancel(order.id, OUT_OF_STOCK)
    assert (cancelled.payment.state, cancelled.payment.refunded_at is not None) == ("refunded", True)
    assert await payments.get(order.id) == cancelled


async def test_charging_twice_charges_once(payments, order):
    first = await payments.charge(order.id, card())
    assert (first.state, first.card) == ("charged", CardSummary(brand="Visa", last4="4242"))
    assert await payments.charge(order.id, card()) == first
    audit = await payments.audit()
    assert (audit.charged, audit.acquired, audit.double_charges) == (TOTAL.amount, TOTAL.amount, 0)


async def test_confirming_twice_confirms_once(payments, charged):
    first = await payments.confirm(charged.id)
    assert first.state == "paid"
    assert await payments.confirm(charged.id) == first


async def test_cancelling_twice_cancels_once_and_the_first_failure_stays(payments, order):
    first = await payments.cancel(order.id, OUT_OF_STOCK)
    assert (first.state, first.failure) == ("cancelled", OUT_OF_STOCK)
    assert await payments.cancel(order.id, CHANGED_MIND) == first


async def test_cancelling_twice_refunds_once(payments, charged):
    await payments.cancel(charged.id, OUT_OF_STOCK)
    await payments.cancel(charged.id, OUT_OF_STOCK)
    audit = await payments.audit()
    assert (audit.charged, audit.refunded, audit.acquired) == (TOTAL.amount, TOTAL.amount, 0)


async def test_closing_twice_closes_once(payments, paid):
    first = await payments.close(paid.id)
    assert first.closed
    assert await payments.close(paid.id) == first


async def test_an_order_that_nobody_works_on_is_claimed_once(payments, order):
    await payments.suspend(order.id)
    assert [claimed.id for claimed in await payments.claim(10)] == [order.id]
    assert await payments.claim(10) == ()


async def test_a_declined_card_tells_the_reason(payments, order, refuses):
    with refuses(Declined, reason="insufficient_funds"):
        await payments.charge(order.id, card("4000000000009995"))


async def test_a_mistyped_card_is_invalid_and_names_the_field(payments, order, refuses):
    wrong = {"field": "card.number", "detail": "The card number is mistyped."}
    with refuses(Invalid, field="card.number", fields=[wrong]):
        await payments.charge(order.id, card("4242424242424241"))


async def test_an_acquirer_without_an_answer_is_unavailable_and_asked_again(payments, order, refuses):
    with refuses(Unavailable, component="acquirer"):
        await payments.charge(order.id, card("4000000000000119"))
    assert (await payments.charge(order.id, card("4000000000000119"))).state == "charged"


async def test_a_cancelled_order_is_not_charged(payments, order, refuses):
    await payments.cancel(order.id, OUT_OF_STOCK)
    with refuses(Conflict):
        await payments.charge(order.id, card())


async def test_an_open_order_cannot_be_confirmed(payments, order, refuses):
    with refuses(Conflict):
        await payments.confirm(order.id)


async def test_a_paid_order_cannot_be_cancelled(payments, paid, refuses):
    with refuses(Conflict):
        await payments.cancel(paid.id, OUT_OF_STOCK)


async def test_an_open_order_cannot_be_closed(payments, order, refuses):
    with refuses(Conflict):
        await payments.close(order.id)


@pytest.mark.parametrize("operation", ["get", "charge", "confirm", "cancel", "close", "renew", "suspend"])
async def test_an_unknown_order_is_not_found(payments, make_id, refuses, operation):
    further = {"charge": [card()], "cancel": [OUT_OF_STOCK]}.get(operation, [])
    with refuses(NotFound):
        await getattr(payments, operation)(make_id(), *further)
