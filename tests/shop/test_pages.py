"""Details of the pages and of the API that a purchase does not show, in every shape."""

import re

import pytest

pytestmark = pytest.mark.integration

QUIET = ("/livez", "/readyz")


@pytest.mark.parametrize("path", ["/", "/cart", "/static/app.css", "/api/products", *QUIET])
def test_whoever_asks_for_the_head_alone_gets_it(client, path):
    whole, head = client.get(path), client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_static_files_are_kept_for_a_year_only_if_they_are_what_was_asked_for(client):
    url = re.search(r'"(/static/app\.css\?v=\w+)"', client.get("/").text)[1]

    assert "immutable" in client.get(url).headers["cache-control"]
    assert "immutable" not in client.get("/static/app.css?v=000000000000").headers.get("cache-control", "")
    assert "immutable" not in client.get("/static/app.css").headers.get("cache-control", "")


def test_the_language_picker_wins_over_the_language_in_the_address(browser):
    chosen = browser.open("/search?q=drum&lang=es").submit("/language", language="de")

    assert chosen.language == "de"
    assert chosen.path == "/search"
    assert 'value="drum"' in chosen.html


def test_the_language_can_be_chosen_on_the_page_about_an_error_of_a_form(browser):
    error = browser.send("POST", "/cart/add", {"sku": "ZZZ-999", "change_id": "c" * 24, "quantity": "1"})
    chosen = error.submit("/language", language="de")

    assert (chosen.language, chosen.path) == ("de", "/")


def test_choosing_a_language_makes_nobody_known(client):
    answer = client.post("/language", data={"language": "de", "next": "/"}, follow_redirects=False)

    assert [cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")] == ["twinshop_language"]


def test_two_lines_changed_from_one_page_are_both_changed(browser, client):
    skus = [item["sku"] for item in client.get("/api/products").json()["items"] if item["available"] > 20][:2]
    for sku in skus:
        browser.put_into_cart(sku)
    page = browser.open("/cart")
    for sku in skus:
        page.submit("/cart/set", having={"sku": sku}, quantity="3")

    after = browser.open("/cart").html
    assert [re.search(rf'id="quantity-{sku}" name="quantity" value="(\d+)"', after)[1] for sku in skus] == ["3", "3"]


def test_a_line_that_was_changed_elsewhere_is_not_changed_unseen(browser, client):
    (sku,) = [item["sku"] for item in client.get("/api/products").json()["items"] if item["available"] > 20][:1]
    browser.put_into_cart(sku)
    page = browser.open("/cart")
    page.submit("/cart/set", having={"sku": sku}, quantity="3")
    page.submit("/cart/set", having={"sku": sku}, quantity="5")

    assert re.search(rf'id="quantity-{sku}" name="quantity" value="(\d+)"', browser.open("/cart").html)[1] == "3"


@pytest.mark.parametrize("path", ["/api/products", "/api/cart", "/api/orders"])
def test_what_the_api_says_to_one_visitor_is_kept_for_no_other(client, path):
    headers = client.get(path).headers
    refused = client.get("/api/orders/0123456789abcdef").headers

    assert headers["cache-control"] == refused["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert {"Cookie", "Accept-Language"} <= set(headers["vary"].split(", "))


def test_a_product_that_there_is_not_cannot_be_put_into_a_cart_by_its_quantity_either(client):
    assert client.put("/api/cart/lines/ZZZ-999", json={"quantity": 2}).status_code == 404
    assert client.put("/api/cart/lines/ZZZ-999", json={"quantity": 0}).status_code == 200
