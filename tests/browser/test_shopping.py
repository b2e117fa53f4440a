"""Shopping in a real browser, in both shapes."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1 1AA",
    "city": "London",
}


def fill_checkout(page, number="4242 4242 4242 4242"):
    for field, value in DELIVERY.items():
        page.fill(f"#field-{field}", value)
    page.select_option("#field-country", "GB")
    page.fill("#field-card_number", number)
    page.fill("#field-expiry", "12/90")
    page.fill("#field-code", "123")


def put_something_into_the_cart(page):
    page.goto("/category/kitchen")
    page.locator("form[action='/cart/add'] button").first.click()


def test_a_visitor_finds_buys_and_sees_the_order(page):
    page.goto("/")
    page.locator("article.card a").first.click()
    name = page.locator("h1").inner_text()
    page.locator("main form[action='/cart/add'] button").first.click()
    expect(page.locator("#cart-status")).to_contain_text("1")
    page.locator("#cart-status").click()
    expect(page.locator("main")).to_contain_text(name)
    page.get_by_role("link", name="Proceed to checkout").click()
    fill_checkout(page)
    page.get_by_role("button", name=re.compile("^Pay")).click()

    expect(page).to_have_url(re.compile("/orders/"))
    expect(page.locator("main")).to_contain_text(name)
    expect(page.locator("main")).to_contain_text("4242")
    page.goto("/orders")
    expect(page.locator("main")).to_contain_text(re.compile("TW-"))


def test_the_purchase_works_without_javascript(plain_page):
    put_something_into_the_cart(plain_page)
    expect(plain_page).to_have_url(re.compile("/cart$"))
    plain_page.goto("/checkout")
    fill_checkout(plain_page)
    plain_page.get_by_role("button", name=re.compile("^Pay")).click()

    expect(plain_page).to_have_url(re.compile("/orders/"))


def test_adding_to_the_cart_stays_on_the_page_and_is_announced(page):
    page.goto("/category/kitchen")
    button = page.locator("form[action='/cart/add'] button").first
    button.click()
    expect(page.locator("#cart-status")).to_contain_text("1")
    button.click()

    expect(page.locator("#cart-status")).to_contain_text("2")
    expect(page).to_have_url(re.compile("/category/kitchen$"))
    expect(page.locator("#announcement")).to_contain_text("cart")


def test_changing_a_quantity_changes_the_total(page):
    put_something_into_the_cart(page)
    expect(page.locator("#cart-status")).to_contain_text("1")
    page.goto("/cart")
    before = page.locator(".grand dd").inner_text()
    page.locator("input[name=quantity][type=number]").fill("3")
    page.keyboard.press("Tab")

    expect(page.locator(".grand dd")).not_to_have_text(before)
    expect(page.locator("#cart-status")).to_contain_text("3")


def test_a_line_can_be_removed(page):
    put_something_into_the_cart(page)
    expect(page.locator("#cart-status")).to_contain_text("1")
    page.goto("/cart")
    page.get_by_role("button", name="Remove").click()

    expect(page.locator("main")).to_contain_text("Nothing in it yet")


def test_a_declined_card_is_explained_and_the_form_is_kept(page):
    put_something_into_the_cart(page)
    expect(page.locator("#cart-status")).to_contain_text("1")
    page.goto("/checkout")
    fill_checkout(page, "4000 0000 0000 0002")
    with page.expect_response(lambda response: response.url.endswith("/checkout")) as paid:
        page.get_by_role("button", name=re.compile("^Pay")).click()

    assert paid.value.status == 402
    expect(page.locator("#field-name")).to_have_value("Ada Byron")
    expect(page.locator("#field-card_number")).to_have_value("")
    expect(page.locator("#error-card_number")).to_contain_text(re.compile("declined|refused", re.IGNORECASE))


def test_the_language_picker_speaks_every_language(page):
    page.goto("/")
    for language, word in (("es", "Cocina"), ("ca", "Cuina"), ("fr", "Cuisine"), ("de", "Küche")):
        page.select_option("#language", language)
        page.locator(".language button").click()

        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("main")).to_contain_text(word)


def test_a_search_finds_by_the_name_in_the_visitors_language(page):
    page.goto("/search?lang=es&q=tetera")

    expect(page.locator("article.card")).not_to_have_count(0)
    expect(page.locator("article.card").first).to_contain_text(re.compile("tetera", re.IGNORECASE))


def test_the_footer_says_which_shape_served_the_page(page, shop):
    page.goto("/")
    footer = page.locator(".site-footer")

    expect(footer).to_contain_text(re.compile("monolith" if shop.shape.name == "mono" else "microservices"))
    expect(footer).to_contain_text(re.compile(r"\b0 hops" if shop.shape.name == "mono" else r"\b[1-9] hops?"))


def test_no_page_is_wider_than_the_screen(page):
    for path in ("/", "/category/kitchen", "/product/KIT-001", "/cart", "/checkout", "/orders"):
        page.goto(path)
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_every_picture_of_the_home_page_loads(page):
    page.goto("/")
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle")

    broken = page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)")
    assert broken == []


def test_the_keyboard_alone_reaches_the_content(page):
    page.goto("/")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")

    assert focused == "Skip to content"
    assert page.evaluate("document.activeElement.id || location.hash") in {"main", "#main"}


def test_an_unknown_page_is_readable(page, shop):
    page.goto("/")
    answer = page.request.get(f"{shop.url}/nowhere", headers={"accept": "text/html"})

    assert answer.status == 404
    assert "<h1" in answer.text()


def test_the_api_document_can_be_read_without_the_internet(page, shop):
    page.route(re.compile(rf"^(?!{re.escape(shop.url)})"), lambda route: route.abort())
    page.goto("/docs")

    expect(page.locator("body")).to_contain_text("/api/products")
