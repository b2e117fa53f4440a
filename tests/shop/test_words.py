"""What a shopper is told when something is refused is in the shopper's language, as are the pages round it."""

import pytest

from twinshop.contracts import errors
from twinshop.kit import problems
from twinshop.payment.charging import REASONS
from twinshop.storefront import messages
from twinshop.storefront.interface import interface

from .shops import EXTREMES

pytestmark = [pytest.mark.integration, EXTREMES]

TITLES = {
    "Checkout",  # a card that is mistyped is told on the form itself
    *(kind.title for kind in errors.kinds().values()),
    *(title for _, title, _ in problems.HTTP.values()),
}
NO_SUCH_ORDER = "x" * 20


def paid_with(number):
    def steps(shop, browser):
        browser.put_into_cart(shop.plenty())
        return browser.pay(card_number=number)

    return steps


def at(path):
    return lambda _, browser: browser.open(path)


def changed_total(shop, browser):
    browser.put_into_cart(shop.plenty())
    return browser.pay(expected_total="1")


def more_than_there_is(shop, browser):
    browser.put_into_cart(shop.plenty())
    form = browser.open("/checkout").form("/checkout")["fields"]
    items = shop.client().get("/api/products", params={"size": 100}).json()["items"]
    scarce = min(items, key=lambda item: item["available"])
    for item in browser.client.get("/api/cart").json()["lines"]:
        browser.client.delete(f"/api/cart/lines/{item['sku']}").raise_for_status()
    add = {"sku": scarce["sku"], "quantity": scarce["available"] + 1}
    browser.client.post("/api/cart/lines", json=add).raise_for_status()
    cart = browser.client.get("/api/cart").json()
    price = scarce["price"]["amount"]
    seen = {  # as if there had been enough when the page was shown
        "cart_version": str(cart["version"]),
        "seen": f"{scarce['sku']}*{add['quantity']}@{price}",
        "expected_total": str(add["quantity"] * price),
    }
    card = {"card_number": "4242 4242 4242 4242", "expiry": "12/90", "code": "123"}
    address = {
        "name": "Ada",
        "email": "a@example.com",
        "street": "1 Row",
        "postcode": "W1",
        "city": "X",
        "country": "GB",
    }
    return browser.send("post", "/checkout", {**form, **address, **card, **seen})


def a_full_line(shop, browser):
    browser.put_into_cart(shop.plenty(), 99)
    return browser.put_into_cart(shop.plenty(), 1)


def a_cancelled_order(shop, browser):
    paid_with("4000 0000 0000 9995")(shop, browser)
    (order,) = browser.client.get("/api/orders").json()
    return browser.open(f"/orders/{order['id']}")


def a_huge_form(_, browser):
    return browser.send("post", "/cart/add", {"sku": "x" * 300_000})


REFUSALS = {
    "declined": (paid_with("4000 0000 0000 0002"), 402, REASONS["card_declined"]),
    "no money": (paid_with("4000 0000 0000 9995"), 402, REASONS["insufficient_funds"]),
    "no test card": (paid_with("4111 1111 1111 1111"), 402, REASONS["test_mode"]),
    "mistyped": (paid_with("4242 4242 4242 4241"), 422, "The card number is mistyped."),
    "another price": (changed_total, 409, messages.PRICE_CHANGED),
    "out of stock": (more_than_there_is, 409, "There is not enough left of some products."),
    "cancelled": (a_cancelled_order, 200, REASONS["insufficient_funds"]),
    "full": (a_full_line, 422, "A cart holds at most 99 pieces of a product."),
    "product": (at("/product/XXX-999"), 404, "There is no such product in the shop."),
    "category": (at("/category/nowhere"), 404, "There is no such category in the shop."),
    "order": (at(f"/orders/{NO_SUCH_ORDER}"), 404, "There is no such order."),
    "page": (at("/nowhere"), 404, problems.HTTP[404][2]),
    "file": (at("/static/nothing.css"), 404, problems.HTTP[404][2]),
    "method": (lambda _, browser: browser.send("post", "/search", {}), 405, problems.HTTP[405][2]),
    "not understood": (at("/search?page=0"), 422, messages.NOT_UNDERSTOOD),
    "too large": (a_huge_form, 413, messages.TOO_LARGE),
}


@pytest.fixture(scope="module", params=["es", "ca", "fr", "de"])
def words(request):
    """The language and the words of its interface."""
    return request.param, interface(request.param).say


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_told_in_the_language_of_the_page(shop, words, refusal):
    language, say = words
    steps, status, detail = REFUSALS[refusal]

    page = steps(shop, shop.browser(language))

    assert (page.status, page.language) == (status, language)
    assert say(detail) != detail
    assert " ".join(say(detail).split()) in page.text  # which has plain spaces only
    assert say(messages.NOT_TRANSLATED) not in page.text
    assert page.heading in {say(title) for title in TITLES} - TITLES or status in {200, 402, 409}, page.heading


def test_a_program_is_told_what_it_needs_to_know(client, api):
    for answer, status, code, title, detail in (
        (client.get("/api/nowhere"), 404, "not-found", "Not found", problems.HTTP[404][2]),
        (client.post("/api/shape"), 405, "method-not-allowed", problems.HTTP[405][1], problems.HTTP[405][2]),
    ):
        members = api.problem(answer, status, code)
        assert (members["title"], members["detail"]) == (title, detail)
    assert "page" in api.problem(client.get("/api/products?page=0"), 422, "invalid-request")["detail"]
