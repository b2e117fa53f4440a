"""
A component that is down, or hangs: every page answers in time and says what is missing; the rest goes on.

Killed: nobody listens. Hung: somebody listens and never answers, which is worse.
"""

import secrets
import time

import pytest

from twinshop.storefront.interface import interface
from twinshop.storefront.messages import DOWN
from twinshop.testing.waiting import eventually

pytestmark = pytest.mark.integration

PAGE_SECONDS = 15
"""Generous: what is asserted is that pages do not wait for ever."""

NEEDS = {
    "/": {"catalog", "cart", "translate"},
    "/search?q=pan": {"catalog", "cart", "translate"},
    "/category/kitchen": {"catalog", "cart", "translate"},
    "/product/{sku}": {"catalog", "cart", "translate"},
    "/cart": {"catalog", "cart", "translate"},
    "/checkout": {"catalog", "cart", "translate"},
    "/orders": {"payment", "cart", "translate"},
    "/orders/{order}": {"payment", "catalog", "cart", "translate"},
}
"""What each page asks for on behalf of a shopper with a cart, in another language than English."""

NO_USE = {
    "/": set(),
    "/search?q=pan": {"catalog"},
    "/category/kitchen": {"catalog"},
    "/product/{sku}": {"catalog"},
    "/cart": {"cart"},
    "/checkout": {"cart", "catalog"},
    "/orders": {"payment"},
    "/orders/{order}": {"payment"},
}
"""Without which components a page cannot serve its purpose: it says so, and to try again (503)."""

DOWN_OR_HUNG = pytest.mark.parametrize("how", ["killed", "hung"])
MICRO = pytest.mark.parametrize("own_shop", ["micro"], indirect=True)


class Regular:
    """A shopper with something in the cart and an order in the history."""

    def __init__(self, shop, language="en"):
        self.sku = shop.plenty()
        self.browser = shop.browser(language)
        self.browser.put_into_cart(self.sku)
        self.order = self.browser.pay().path.rpartition("/")[2]
        self.browser.put_into_cart(self.sku, 2)

    def visit(self):
        """Every page by its address; each answers in time."""
        pages = {}
        for address in NEEDS:
            begin = time.monotonic()
            pages[address] = self.browser.open(address.format(sku=self.sku, order=self.order))
            assert time.monotonic() - begin < PAGE_SECONDS, address
        return pages

    def finds_all_well(self):
        assert {address: (page.status, page.notices) for address, page in self.visit().items()} == {
            address: (200, []) for address in NEEDS
        }


@pytest.fixture
def regular(own_shop):
    return Regular(own_shop)


@MICRO
@DOWN_OR_HUNG
@pytest.mark.parametrize("component", ["catalog", "cart", "payment"])
def test_pages_do_without_a_component_and_say_so(own_shop, regular, component, how):
    with own_shop.without(component, how):
        pages = regular.visit()

    told = {address: DOWN[component] in page.notices for address, page in pages.items()}
    assert told == {address: component in needs for address, needs in NEEDS.items()}
    statuses = {address: page.status for address, page in pages.items()}
    assert statuses == {address: 503 if component in of_no_use else 200 for address, of_no_use in NO_USE.items()}
    eventually(regular.finds_all_well)


@MICRO
@DOWN_OR_HUNG
def test_without_the_translator_products_show_the_original_and_the_shop_sells(own_shop, api, how):
    regular, say = Regular(own_shop, "es"), interface("es").say
    with own_shop.without("translate", how):
        pages = regular.visit()
        order = regular.browser.pay()
        with own_shop.client() as client:
            listed = client.get("/api/products", params={"lang": "es"}).json()
            english = client.get(f"/api/products/{regular.sku}").json()["product"]["name"]
            api.problem(client.post("/api/translate", json={"texts": ["Cart"], "target": "es"}), 503, "unavailable")

    for page in pages.values():
        assert (page.status, page.language, page.notices) == (200, "es", [say(DOWN["translate"])])
    assert say("Your cart") in pages["/cart"].heading
    assert pages["/product/{sku}"].heading == english
    assert f'<h1 lang="en">{english}</h1>' in pages["/product/{sku}"].html
    assert order.texts("span", "state") == [say("Paid")]
    assert (listed["translated"], bool(listed["items"])) == (False, True)
    eventually(regular.finds_all_well)
    assert regular.browser.open("/orders").heading == "Tus pedidos"


@MICRO
@DOWN_OR_HUNG
def test_without_the_catalogue_the_cart_keeps_what_is_put_into_it(own_shop, regular, api, how):
    product = regular.browser.open(f"/product/{regular.sku}")
    with own_shop.without("catalog", how):
        cart = product.submit("/cart/add", having={"sku": regular.sku}, quantity="1")
        blocked = regular.browser.open("/checkout")
        with own_shop.client() as client:
            answers = [client.get("/api/products"), client.get(f"/api/products/{regular.sku}")]
            added = api.add(client, regular.sku)

    assert (added.status_code, added.json()["pieces"], added.json()["total"]) == (200, 1, None)
    assert (cart.status, cart.form("/cart/set", sku=regular.sku)["fields"]["quantity"]) == (200, "3")
    assert "Not known right now" in cart.text
    assert "You cannot pay at this moment" in blocked.text
    for answer in answers:
        assert api.problem(answer, 503, "unavailable")["component"] == "catalog"
        assert answer.headers["retry-after"]
    eventually(regular.finds_all_well)
    assert regular.browser.pay().texts("span", "state") == ["Paid"]


@MICRO
@DOWN_OR_HUNG
def test_without_the_cart_adding_and_paying_explain_themselves(own_shop, regular, api, how):
    product, checkout = regular.browser.open(f"/product/{regular.sku}"), regular.browser.open("/checkout")
    with own_shop.without("cart", how):
        added = product.submit("/cart/add", having={"sku": regular.sku})
        paid = regular.browser.pay(checkout)
        with own_shop.client() as client:
            answers = [client.get("/api/cart"), api.add(client, regular.sku), api.pay(client)]

    for page in (added, paid):
        assert (page.status, DOWN["cart"] in page.notices) == (503, True)
    for answer in answers:
        assert api.problem(answer, 503, "unavailable")["component"] == "cart"
    eventually(regular.finds_all_well)
    # Anew: a cart that hung may have taken the product in all the same, once it could.
    assert regular.browser.pay().texts("span", "state") == ["Paid"]


@MICRO
@DOWN_OR_HUNG
def test_without_the_payment_the_order_waits_and_is_placed_once(own_shop, regular, api, how):
    checkout = regular.browser.open("/checkout")
    key = secrets.token_urlsafe(18)
    with own_shop.client() as client:
        api.add(client, regular.sku).raise_for_status()
        with own_shop.without("payment", how):
            refused = regular.browser.pay(checkout)
            answers = [api.pay(client, key), client.get("/api/orders")]

        for answer in answers:
            assert api.problem(answer, 503, "unavailable")["component"] == "payment"
        eventually(lambda: api.pay(client, key).raise_for_status())
        assert [order["state"] for order in client.get("/api/orders").json()] == ["paid"]

    assert (refused.status, DOWN["payment"] in refused.notices) == (503, True)

    def the_form_sent_again_pays():
        """Only once: a ledger that hung may have opened the order, and then keeps the key for its lease."""
        assert regular.browser.pay(refused).texts("span", "state") == ["Paid"]

    eventually(the_form_sent_again_pays)
    assert len(regular.browser.open("/orders").texts("li", "order")) == 2


@DOWN_OR_HUNG
@pytest.mark.parametrize("own_shop", ["micro", "mono"], indirect=True)
def test_without_redis_only_the_cart_is_missing(own_shop, regular, api, how):
    with own_shop.without("redis", how):
        pages = regular.visit()
        with own_shop.client() as client:
            added = api.add(client, regular.sku)

    told = {address: (page.status, DOWN["cart"] in page.notices) for address, page in pages.items()}
    assert told == {address: (503 if "cart" in of_no_use else 200, True) for address, of_no_use in NO_USE.items()}
    assert api.problem(added, 503, "unavailable")["component"] == "cart"
    eventually(regular.finds_all_well)
    assert regular.browser.pay().texts("span", "state") == ["Paid"]


@pytest.mark.parametrize("own_shop", ["micro", "mono"], indirect=True)
def test_a_store_front_that_comes_back_knows_its_visitors(own_shop, regular):
    front = "storefront" if own_shop.name == "micro" else "mono"
    with own_shop.without(front, "killed"):
        pass

    regular.finds_all_well()
    assert regular.browser.pay().texts("span", "state") == ["Paid"]
