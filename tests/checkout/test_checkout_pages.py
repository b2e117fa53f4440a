"""What a shopper sees who pays while something fails: whatever is pressed next, one order is paid."""

import asyncio
import html
import re
import secrets

import httpx
import pytest

from twinshop.contracts.errors import Unavailable
from twinshop.kit import app as kit_app
from twinshop.kit.settings import ServerSettings
from twinshop.shoppers.purchase import DELIVERY
from twinshop.storefront.app import build
from twinshop.storefront.orders.resume import resume_unfinished
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
FORM = {**DELIVERY, "card_number": "4242 4242 4242 4242", "expiry": "12/90", "code": "123"}
OTHER_CARD = "5555 5555 5555 4444"


class Failing:
    """
    A port; the operations in `down` do not answer: before they do what they are asked to, or (`late`) after.

    `acts` has what is done once, before an operation.
    """

    def __init__(self, component):
        self._component = component

    def stand_for(self, port):
        """From now on; nothing fails."""
        self._port = port
        self.down, self.late, self.acts = set(), set(), {}

    def before(self, operation, act):
        """Something else happens just before the operation is done the next time."""
        self.acts[operation] = act

    def __getattr__(self, operation):
        call = getattr(self._port, operation)

        async def passed(*args, **kwargs):
            gone = Unavailable("It does not answer.", component=self._component)
            if operation in self.down:
                raise gone
            if (act := self.acts.pop(operation, None)) is not None:
                await act()
            answer = await call(*args, **kwargs)
            if operation in self.late:
                raise gone
            return answer

        return passed


class Window:
    """A browser's window at the checkout: `fields` is the form as it stands there; None where there is none."""

    def __init__(self, client):
        self.client, self.fields, self.page = client, None, None

    async def look(self):
        return self.read(await self.client.get("/checkout"))

    def read(self, page):
        found = {name: re.search(rf'name="{name}" value="([^"]*)"', page.text) for name in HIDDEN}
        self.page = page
        self.fields = {name: match[1] for name, match in found.items()} if all(found.values()) else None
        return self

    async def pay(self, **changes):
        self.read(await self.client.post("/checkout", data={**FORM, **self.fields, **changes}))
        return self

    @property
    def leads_to(self):
        return self.page.headers.get("location", "").partition("?")[0]

    @property
    def text(self):
        return html.unescape(self.page.text)


HIDDEN = ("idempotency_key", "expected_total", "cart_version", "seen")


@pytest.fixture(scope="module")
def ports():
    return {name: Failing(name) for name in ("catalog", "cart", "payment")}


@pytest.fixture(scope="module")
def app(ports):
    """The store front, which keeps nothing from one test to the next."""
    shop = Shop(ports["catalog"], ports["cart"], ports["payment"], None, frozenset())
    settings = StorefrontSettings(secret=secrets.token_hex(16), resume_seconds=3600)
    front = build(shop, settings, "test")
    return kit_app.create_app([front.component], ServerSettings(), title="test", render=front.render)


@pytest.fixture
async def failing(world, ports):
    """The world's ports, each of which can be made to fail."""
    ports["catalog"].stand_for(world.shop.catalog)
    ports["cart"].stand_for(world.shop.carts)
    ports["payment"].stand_for(world.shop.payments)
    return ports


@pytest.fixture
async def client(app, failing):
    """A browser with AAA-001 in its cart."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        client.headers.update({"accept": "text/html", "accept-language": "en"})
        added = await client.post("/cart/add", data={"sku": "AAA-001", "quantity": "1", "change_id": "c" * 24})
        assert added.status_code == 303
        yield client


@pytest.fixture
def window(client):
    return lambda: Window(client).look()


async def left_before_the_charge(failing, window):
    """A window whose first try has stopped before the charge, with the form as it was."""
    kept = window.fields
    failing["catalog"].down = {"reserve"}
    await window.pay()
    failing["catalog"].down = set()
    window.fields = kept
    return window


async def paid(world):
    """How many orders are paid, after whatever was left has been carried on; nothing may be left or taken twice."""
    world.clock.advance(3600)
    await resume_unfinished(world.shop)
    ledger = await world.shop.payments.audit()
    assert (ledger.unclosed, ledger.double_charges) == (0, 0)
    assert ledger.acquired == ledger.paid
    return ledger.orders["paid"]


async def test_a_catalogue_that_fails_after_the_charge_leads_to_the_order_that_is_being_completed(
    world, failing, window
):
    first = await window()
    failing["catalog"].down = {"commit"}
    await first.pay()

    assert first.page.status_code == 303
    assert first.leads_to.startswith("/orders/")
    failing["catalog"].down = set()
    again = await (await window()).pay()
    assert again.leads_to == first.leads_to
    assert await paid(world) == 1


async def test_a_ledger_that_fails_after_the_charge_says_that_the_card_was_charged(world, failing, window):
    first = await window()
    failing["payment"].down = {"confirm"}
    await first.pay()

    assert first.page.status_code == 503
    assert "Your card was charged" in first.text
    failing["payment"].down = set()
    again = await (await window()).pay()
    assert again.leads_to.startswith("/orders/")
    assert await paid(world) == 1


async def test_a_charge_whose_answer_was_lost_is_not_paid_for_again_from_another_window(world, failing, window):
    other = await window()
    first = await window()
    failing["payment"].late = {"charge"}
    await first.pay()
    failing["payment"].late = set()

    assert first.page.status_code == 503
    assert first.fields is not None
    await other.pay(card_number=OTHER_CARD)
    assert other.leads_to.startswith("/orders/")
    assert await paid(world) == 1


@pytest.mark.parametrize(
    "change", [{"card_number": OTHER_CARD}, {"street": "13 Analytical Row"}], ids=["card", "street"]
)
async def test_a_form_that_comes_again_with_a_correction_leads_to_the_charged_order(world, failing, window, change):
    first = await window()
    failing["payment"].late = {"charge"}
    await first.pay()
    failing["payment"].late = set()
    await first.pay(**change)

    assert first.leads_to.startswith("/orders/")
    assert await paid(world) == 1


async def test_a_form_that_comes_again_with_a_correction_is_taken_if_nothing_was_charged(world, failing, window):
    first = await window()
    failing["catalog"].down = {"reserve"}
    await first.pay()
    failing["catalog"].down = set()
    await first.pay(card_number=OTHER_CARD)

    assert first.leads_to.startswith("/orders/")
    assert await paid(world) == 1


async def test_a_charged_order_is_found_again_though_the_cart_was_emptied_meanwhile(world, failing, client, window):
    first = await window()
    kept = first.fields
    failing["payment"].late = {"charge"}
    await first.pay()
    failing["payment"].late = set()
    await client.post("/cart/set", data={"sku": "AAA-001", "quantity": "0", "change_id": "d" * 24})
    first.fields = kept
    await first.pay()

    assert first.leads_to.startswith("/orders/")
    assert await paid(world) == 1


async def test_a_form_whose_order_was_left_is_not_paid_for_beside_another(world, failing, window):
    """The first try stops before the charge, a second window pays and is not closed, the first is pressed again."""
    first = await left_before_the_charge(failing, await window())
    other = await window()
    failing["cart"].down = {"subtract"}
    await other.pay()
    await first.pay()
    failing["cart"].down = set()

    assert other.leads_to.startswith("/orders/")
    assert await paid(world) == 1


async def test_what_another_order_has_taken_out_of_the_cart_is_not_paid_for(world, failing, window):
    """The cart is read, then another window pays for all that is in it, then the order is opened."""
    first, other = await window(), await window()
    failing["payment"].before("open", other.pay)
    await first.pay()

    assert other.leads_to.startswith("/orders/")
    assert first.page.status_code == 409
    assert await paid(world) == 1


async def test_an_order_that_is_charged_while_another_window_cancels_it_is_completed(world, failing, window):
    """It was left; another window sees it idle, its own charges it at that moment, then the other cancels."""
    first, other = await window(), await window()
    await left_before_the_charge(failing, first)

    async def charge():
        failing["catalog"].down = {"commit"}
        await first.pay()
        failing["catalog"].down = set()

    failing["payment"].before("cancel", charge)
    await other.pay()

    assert first.leads_to.startswith("/orders/")
    assert await paid(world) == 1
    order = await world.shop.payments.get(first.leads_to.rpartition("/")[2])
    assert order.state == "paid"


async def test_a_corrected_form_may_be_sent_twice_as_well(world, failing, window):
    first = await left_before_the_charge(failing, await window())
    kept, pages = first.fields, []
    for _ in range(2):
        first.fields = kept
        await first.pay(card_number=OTHER_CARD)
        pages.append(first.leads_to)

    assert pages[0].startswith("/orders/")
    assert pages[0] == pages[1]
    assert await paid(world) == 1


async def test_a_double_click_ends_at_the_order(world, window):
    first = await window()
    second = Window(first.client)
    second.fields = first.fields
    await asyncio.gather(first.pay(), second.pay())

    assert {first.page.status_code, second.page.status_code} == {303}
    assert first.leads_to == second.leads_to
    assert await paid(world) == 1


async def test_a_form_without_the_total_that_was_seen_is_shown_again(world, window):
    first = await window()
    await first.pay(expected_total="")

    assert first.page.status_code == 409
    assert first.fields["expected_total"] == "1250"
    assert await paid(world) == 0


async def test_a_country_to_which_nothing_is_sent_is_refused_at_its_field(world, window):
    first = await window()
    await first.pay(country="ZZ")

    assert first.page.status_code == 422
    assert 'id="error-country"' in first.text
    assert await paid(world) == 0


@pytest.mark.parametrize("field", ["name", "street", "city"])
async def test_a_control_character_in_an_address_is_refused_at_its_field(world, window, field):
    first = await window()
    await first.pay(**{field: "Ada\x07Byron"})

    assert first.page.status_code == 422
    assert f'id="error-{field}"' in first.text
    assert await paid(world) == 0


async def test_a_form_in_an_encoding_that_there_is_not_is_refused(client):
    body = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--x--\r\n'
    kind = {"content-type": "multipart/form-data; charset=undefined; boundary=x"}
    answer = await client.post("/checkout", content=body, headers=kind)

    assert answer.status_code == 422
