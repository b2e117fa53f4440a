"""A purchase from the home page to the order history, in every shape; as HTML without JavaScript, and as JSON."""

import re
import secrets

import pytest

from twinshop.shoppers.languages import CART

pytestmark = pytest.mark.integration


def test_a_purchase_by_page_from_home_to_the_order_history(browser, cents):
    home = browser.open("/")
    category = next(link for link in home.links if link.startswith("/category/"))
    listing = browser.open(category)
    link = next(link for link in listing.links if link.startswith("/product/"))
    product = browser.open(link)
    sku = link.rpartition("/")[2]
    price = cents(product.texts("p", "product-price")[0])

    cart = product.submit("/cart/add", having={"sku": sku}, quantity="2")
    assert (cart.path, product.heading in cart.text) == ("/cart", True)
    assert cents(cart.texts("div", "grand")[0]) == 2 * price

    order = browser.pay()
    assert re.fullmatch(r"/orders/[\w-]{16,64}", order.path)
    assert "Ada Byron" in order.heading
    assert order.texts("span", "state") == ["Paid"]
    assert cents(order.texts("div", "grand")[0]) == 2 * price

    history = browser.open("/orders")
    number = re.search(r"Your order (\S+) is paid", order.text)[1]
    assert [number in text for text in history.texts("li", "order")] == [True]
    assert "Nothing in it yet" in browser.open("/cart").text


def test_a_purchase_through_the_api(client, api, sku):
    product = client.get(f"/api/products/{sku}").json()["product"]
    cart = api.add(client, sku, 3).json()
    total = 3 * product["price"]["amount"]
    assert (cart["total"]["amount"], cart["can_check_out"]) == (total, True)

    answer = api.pay(client, expected_total=total)
    order = answer.json()
    assert (answer.status_code, order["state"], order["total"]["amount"]) == (201, "paid", total)
    assert (order["card"], order["closed"]) == ({"brand": "Visa", "last4": "4242"}, True)
    assert client.get(answer.headers["location"]).json() == order
    assert [found["id"] for found in client.get("/api/orders").json()] == [order["id"]]
    assert client.get("/api/cart").json()["lines"] == []
    sold = client.get(f"/api/products/{sku}").json()["product"]["available"]
    assert product["available"] - sold >= 3


def test_a_search_in_spanish_finds_by_the_spanish_name(shop, client):
    english = client.get("/api/products", params={"size": 1}).json()["items"][0]
    spanish = client.get(f"/api/products/{english['sku']}", params={"lang": "es"}).json()["product"]
    assert spanish["name"] != english["name"]

    page = shop.browser("es").open("/").submit("/search", q=spanish["name"])

    assert page.language == "es"
    assert f"/product/{english['sku']}" in page.links
    assert spanish["name"] in page.texts("h2", "card-name")
    found = client.get("/api/products", params={"q": spanish["name"], "lang": "es"}).json()
    assert english["sku"] in [item["sku"] for item in found["items"]]


def test_a_search_that_finds_nothing_says_so(browser):
    page = browser.open("/").submit("/search", q="qqxzzq")

    assert (page.status, page.texts("h2", "card-name")) == (200, [])
    assert "Nothing here this time" in page.text


def test_the_cart_is_changed_and_emptied_by_its_forms(browser, sku, cents):
    one = browser.put_into_cart(sku)
    price = cents(one.texts("div", "grand")[0])

    three = one.submit("/cart/set", having={"sku": sku, "quantity": "1"}, quantity="3")
    empty = three.submit("/cart/set", having={"sku": sku, "quantity": "0"})

    assert cents(three.texts("div", "grand")[0]) == 3 * price
    assert "Nothing in it yet" in empty.text


def test_the_cart_is_changed_and_emptied_through_the_api(client, api, sku):
    version = api.add(client, sku).json()["version"]

    three = client.put(f"/api/cart/lines/{sku}", json={"quantity": 3, "expected_version": version}).json()
    stale = client.put(f"/api/cart/lines/{sku}", json={"quantity": 4, "expected_version": version})
    empty = client.delete(f"/api/cart/lines/{sku}").json()

    assert [line["quantity"] for line in three["lines"]] == [3]
    api.problem(stale, 409, "version-mismatch")
    assert (empty["lines"], empty["total"]["amount"], empty["can_check_out"]) == ([], 0, False)


def test_a_double_click_on_add_adds_once(browser, sku):
    product = browser.open(f"/product/{sku}")

    product.submit("/cart/add", having={"sku": sku}, quantity="2")
    cart = product.submit("/cart/add", having={"sku": sku}, quantity="2")

    assert cart.form("/cart/set", sku=sku)["fields"]["quantity"] == "2"


def test_a_change_sent_again_to_the_api_changes_nothing(client, api, sku):
    change = {"Idempotency-Key": secrets.token_urlsafe(18)}

    first = api.add(client, sku, 2, **change)
    again = api.add(client, sku, 2, **change)

    assert first.json() == again.json()
    assert again.json()["pieces"] == 2


def test_a_double_click_on_pay_orders_once(browser, sku):
    browser.put_into_cart(sku)
    checkout = browser.open("/checkout")

    first = browser.pay(checkout)
    again = browser.pay(checkout)

    assert (first.status, first.path) == (200, again.path)
    assert len(browser.open("/orders").texts("li", "order")) == 1


def test_two_shoppers_do_not_see_each_others_orders(shop, api, sku):
    with shop.client() as one, shop.client() as other:
        order = api.buy(one, sku).json()
        api.add(other, sku)

        assert other.get("/api/orders").json() == []
        api.problem(other.get(f"/api/orders/{order['id']}"), 404, "not-found")
        page = other.get(f"/orders/{order['id']}", headers={"accept": "text/html"})
        assert page.status_code == 404
        assert order["number"] not in page.text


def test_an_order_can_be_put_into_the_cart_again(browser, sku):
    browser.put_into_cart(sku, 2)
    order = browser.pay()

    cart = order.submit(f"{order.path}/again")

    assert (cart.path, cart.form("/cart/set", sku=sku)["fields"]["quantity"]) == ("/cart", "2")


@pytest.mark.parametrize("language", CART)
def test_the_picker_changes_the_language_and_keeps_the_page(browser, sku, language):
    page = browser.open(f"/product/{sku}").submit("/language", language=language)

    assert (page.path, page.language) == (f"/product/{sku}", language)
    assert CART[language] in page.texts("span", "tool-text")
    assert browser.open("/cart").language == language


@pytest.mark.parametrize("language", CART)
def test_every_page_is_translated_completely(shop, sku, api, language):
    browser = shop.browser(language)
    browser.put_into_cart(sku)
    pages = [browser.open(path) for path in ("/", "/search", f"/product/{sku}", "/cart", "/checkout", "/orders")]

    assert {(page.status, page.language) for page in [*pages, browser.pay()]} == {(200, language)}
    assert [page.notices for page in pages] == [[]] * len(pages)  # one would say that a text is not translated


def test_the_footer_says_the_shape_and_the_hops(shop, browser, sku):
    shapes = {
        "mono": "Served by the monolith",
        "micro": "Served by the microservices",
        "mixed": "Served by a mixed shape",
    }

    summary = browser.put_into_cart(sku).texts("summary")[-1]

    assert summary.startswith(shapes[shop.name])
    hops = int(re.search(r"(\d+) hops?", summary)[1])
    assert (hops > 0) == (shop.name != "mono")


def test_server_timing_names_the_components_called(browser, sku):
    timing = browser.open(f"/product/{sku}").headers["server-timing"]

    assert re.search(r"catalog;desc=get_with_related;dur=[0-9.]+;start=[0-9.]+", timing)
    assert re.search(r"total;dur=[0-9.]+", timing)


def test_the_api_says_the_shape(shop, client):
    remote = {
        "mono": [],
        "micro": ["cart", "catalog", "payment", "translate"],
        "mixed": ["catalog", "payment", "translate"],
    }

    assert client.get("/api/shape").json()["shape"] == shop.name
    assert client.get("/api/shape").json()["remote"] == remote[shop.name]


def test_pictures_style_and_scripts_are_there_and_may_be_kept(browser):
    html = browser.open("/").html
    urls = set(re.findall(r'(?:src|href)="(/static/[^"#]+)"', html))

    answers = {url: browser.client.get(url) for url in urls}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert all("immutable" in answer.headers["cache-control"] for answer in answers.values())
    assert any(url.partition("?")[0].endswith(".webp") for url in urls)
