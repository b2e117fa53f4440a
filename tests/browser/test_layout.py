"""
What a page is to people who enlarge it, use the keyboard, choose their own colours, print it, or read another language.

The pages are the same in every shape, so one is enough.
"""

import itertools
import re
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from twinshop.kit.collation import places
from twinshop.storefront import formats
from twinshop.storefront.languages import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

REFLOW = 320
"""Pixels: 1280 enlarged to 400 % (WCAG 1.4.10)."""
ORDER = {
    "delivery": {
        "name": "Ada Byron-Lovelace of Ockham Park",
        "email": "ada.byron.lovelace@analytical-engine.example.com",
        "street": "12 Analytical Row",
        "postcode": "W1 1AA",
        "city": "London",
        "country": "GB",
    },
    "card": {"number": "4242 4242 4242 4242", "expiry_month": 12, "expiry_year": 2090, "code": "123"},
}
PAGES = ("/", "/search?q=a", "/search?q=zzzzz", "/category/sport", "/product/MUS-002", "/cart", "/checkout", "/orders")
OUT_OF_SIGHT = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  const hidden = getComputedStyle(element).visibility === "hidden" || element.closest(".hidden, .skip");
  return !hidden && box.width > 1 && (box.right > innerWidth + 0.5 || box.left < -0.5);
}).map((element) => element.outerHTML.slice(0, 80))"""
CUT = """() => [...document.querySelectorAll("header *, main *, footer *")].filter((element) => {
  const style = getComputedStyle(element);
  const block = style.display !== "inline" && style.clipPath === "none" && !element.closest(".hidden, svg");
  return block && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
}).map((element) => element.outerHTML.slice(0, 80))"""
OVERLAPPING = """() => {
  const parts = [".brand", ".search", ".language", ".links"].map((part) => document.querySelector(part));
  const boxes = parts.map((part) => part.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).length);
}"""


@pytest.fixture(scope="module")
def shop(deployments):
    return deployments("mono")


@pytest.fixture
def visit(browser, shop):
    """Opens a browser window, with something in the cart and an order if it is to be `known`."""

    @contextmanager
    def visiting(width=1280, language="en", *, known=False, **options):
        context = browser.new_context(
            base_url=shop.url, viewport={"width": width, "height": 800}, locale="en-GB", **options
        )
        page = context.new_page()
        page.paths = PAGES
        context.add_cookies([{"name": "twinshop_language", "value": language, "url": shop.url}])
        if known:
            for quantity in (1, 12):  # one is bought; twelve stay in the cart and take from no other test's stock
                assert context.request.post("/api/cart/lines", data={"sku": "WRK-001", "quantity": quantity}).ok
                if quantity == 1:
                    headers = {"Idempotency-Key": secrets.token_urlsafe(18)}
                    order = context.request.post("/api/orders", data=ORDER, headers=headers)
                    assert order.status == 201, order.text()
                    page.paths = (*PAGES, f"/orders/{order.json()['id']}?placed=true", "/nowhere")
        yield page
        context.close()

    return visiting


def read(page, path, function):
    """What a function of JavaScript finds in the document at a path; it is not drawn, which takes most of the time."""
    return page.evaluate(
        f"""async (path) => {{
          const answer = await fetch(path, {{ headers: {{ accept: "text/html" }} }});
          return ({function})(new DOMParser().parseFromString(await answer.text(), "text/html"));
        }}""",
        path,
    )


def after_a_frame(page):
    """Until what a key press sets off has been set off."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_narrow_window(visit, language):
    with visit(REFLOW, language, known=True) as page:
        for path in page.paths:
            page.goto(path)
            found = {
                "wider": page.evaluate("document.documentElement.scrollWidth") > REFLOW,
                "out of sight": page.evaluate(OUT_OF_SIGHT),
                "cut": page.evaluate(CUT),
                "overlapping": sum(page.evaluate(OVERLAPPING)),
            }
            assert found == {"wider": False, "out of sight": [], "cut": [], "overlapping": 0}, path


@pytest.mark.parametrize("width", [544, 720, 1056, 1280])
def test_the_parts_of_the_header_never_overlap(visit, width):
    with visit(width, "ca", known=True) as page:
        page.goto("/")

        assert sum(page.evaluate(OVERLAPPING)) == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_choice_in_a_list_changes_nothing_until_its_button_is_pressed(visit, scripts):
    with visit(java_script_enabled=scripts) as page:
        page.goto("/category/kitchen")
        pages = []
        page.on("request", lambda request: pages.append(request.url) if request.is_navigation_request() else None)
        if scripts:  # without them, nothing could be sent off
            for picker in ("#language", "#sort"):
                page.locator(picker).focus()
                page.keyboard.press("ArrowDown")
                after_a_frame(page)
            assert pages == []

        page.select_option("#sort", "name")
        page.locator(".sort button").click()
        expect(page).to_have_url(re.compile(r"sort=name&"))
        page.select_option("#language", "es")
        page.locator(".language button").click()
        expect(page.locator("html")).to_have_attribute("lang", "es")
        expect(page).to_have_url(re.compile(r"/category/kitchen\?sort=name&"))


def test_the_first_products_of_the_home_page_differ_in_colour(visit):
    with visit() as page:
        page.goto("/")
        tiles = page.locator(".grid .tile").evaluate_all("all => all.map(e => getComputedStyle(e).backgroundColor)")[:8]

    assert len(set(tiles)) >= 4
    assert all(a != b for a, b in itertools.pairwise(tiles))


def test_the_picture_of_a_product_has_its_name(visit):
    with visit(language="fr") as page:
        page.goto("/product/MUS-001")
        name = page.locator("h1").inner_text()

        expect(page.locator(".product .tile img")).to_have_attribute("alt", name)


def test_the_chosen_category_can_be_told_in_colours_of_the_users_choice(visit):
    with visit(forced_colors="active") as page:
        page.goto("/category/toys")
        look = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.color]; }"
        chosen = page.locator(".chip[aria-current]").evaluate(look)
        other = page.locator(".chip:not([aria-current])").first.evaluate(look)

    assert chosen[0] != other[0]
    assert chosen[1] != other[1]


def test_nothing_that_can_be_pressed_is_printed(visit):
    with visit(known=True) as page:
        page.emulate_media(media="print")
        for path in page.paths:
            page.goto(path)
            assert page.locator("button, .button, select").filter(visible=True).count() == 0, path
        page.goto("/cart")
        expect(page.locator("#quantity-WRK-001")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_reading_goes_on_at_what_went_wrong(visit, scripts):
    with visit(known=True, java_script_enabled=scripts) as page:
        page.goto("/checkout")
        page.locator("form.checkout button").click()
        expect(page.locator(".error-summary[role=alert]")).to_be_focused()

        for field, value in {**ORDER["delivery"], "card_number": "4000 0000 0000 0002"}.items():
            if field != "country":
                page.fill(f"#field-{field}", value)
        page.select_option("#field-country", "GB")
        page.fill("#field-expiry", "12/90")
        page.fill("#field-code", "123")
        page.locator("form.checkout button").click()
        expect(page.locator("[role=alert]").first).to_be_focused()


def test_a_message_is_announced(visit, shop):
    with visit() as page:
        page.context.add_cookies([{"name": "twinshop_visitor", "value": "forged", "url": shop.url}])
        page.goto("/")

        expect(page.locator(".notice.warning")).to_have_attribute("role", "status")


LISTED = """(page) => {
  const texts = (selector) => [...page.querySelectorAll(selector)].map((element) => element.textContent.trim());
  return [texts(".card-name"), texts(".chip"), !page.querySelector("[rel=next]")];
}"""
"""The names of products and categories, and whether these are the last."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_are_in_the_order_of_the_language(visit, language):
    ordered = "([names, language]) => [...names].sort(new Intl.Collator(language).compare)"
    with visit(language=language, known=True) as page:
        page.goto("/checkout")
        countries = page.locator("#field-country option").all_inner_texts()[1:]
        names, number, is_last = [], 0, False
        while not is_last:
            number += 1
            listed, categories, is_last = read(page, f"/search?sort=name&page={number}", LISTED)
            names += listed

        assert len(names) == 72
        for shown in (names, categories[1:], countries):
            assert shown == page.evaluate(ordered, [shown, language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_numbers_and_dates_are_those_of_a_browser(browser, language):
    words = ["nube", "ñandú", "n", "nz", "Österreich", "oca", "collar", "colmado", "tea towel", "teapot"]
    words += ["tea-rose", "l\u2019unité", "lune", "Straße", "Strasse", "Ábaco", "abeto", "a, b", "a (b)", "10", "9 a"]
    words += ["col·lecció"] if language == "ca" else []  # the other languages do not write this dot
    page = browser.new_page()
    collated = page.evaluate("([w, l]) => [...w].sort(new Intl.Collator(l).compare)", [words, language])
    dates = page.evaluate(
        """(language) => [...Array(12).keys()].map((month) =>
          new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {dateStyle: "long", timeZone: "UTC"})
            .format(Date.UTC(2026, month, 21)))""",
        language,
    )
    number = page.evaluate("(language) => new Intl.NumberFormat(language).format(12345.6)", language)
    page.close()

    place = places(words, language)
    assert sorted(words, key=place.__getitem__) == collated
    written = [formats.moment(language, datetime(2026, month, 21, tzinfo=UTC)) for month in range(1, 13)]
    assert [date.partition(",")[0] for date in written] == dates
    assert formats.number(language, 12345.6, 1) == number


@pytest.mark.parametrize(("width", "scheme"), [(REFLOW, "dark"), (1280, "light")])
def test_no_page_keeps_people_out(visit, width, scheme):
    with visit(width, "de", known=True, color_scheme=scheme) as page:
        for path in page.paths:
            page.goto(path)
            assert findings(page) == [], path


def findings(page):
    """What axe finds on the page as it stands: rule and first element."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:100]) for each in found]


def test_the_apis_page_is_open_to_all_and_its_operations_succeed_as_they_stand(visit):
    with visit(REFLOW) as page:
        page.goto("/docs")
        operations = page.locator(".opblock")
        operations.first.wait_for()
        assert findings(page) == []

        statuses = []
        for operation in operations.all():
            operation.locator(".opblock-summary-control").click()
            with page.expect_response(re.compile("/api")) as answer:
                operation.locator("button.execute").click()
            statuses.append(answer.value.status)
            operation.locator(".live-responses-table").wait_for()
            operation.locator(".opblock-summary-control").click()  # each change redraws all open ones
        page.evaluate("document.querySelectorAll('.opblock-summary-control').forEach((each) => each.click())")
        page.locator(".live-responses-table").nth(len(statuses) - 1).wait_for()

        assert set(statuses) == {200, 201}
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= REFLOW


CONTROLS = ":is(main, header, footer) :is(input:not([type=hidden]), select, textarea)"


def test_no_field_takes_people_elsewhere_when_it_is_filled_in(visit):
    """Neither a new page nor the focus on something else (WCAG 3.2.2), on any page."""
    with visit(known=True) as page:
        for path in page.paths:
            page.goto(path)
            url, opened = page.url, []
            page.on("framenavigated", lambda frame, to=opened: to.append(frame.url))
            for field in page.locator(CONTROLS).filter(visible=True).all():
                name = field.evaluate("e => e.id || e.name")
                field.focus()
                page.keyboard.press("ArrowUp" if field.get_attribute("type") == "number" else "ArrowDown")
                after_a_frame(page)
                assert page.evaluate("document.activeElement.id || document.activeElement.name") == name, path
            assert (page.url, opened) == (url, []), path


MARKED = """(page) => [
  page.documentElement.lang,
  [...page.querySelectorAll("#language option")].map((option) => [option.lang, option.value]),
  [...page.querySelectorAll("[lang]:not(html):not(option)")].map((part) => part.lang),
]"""
"""The languages that a page, its picker and its parts are marked with."""


@pytest.mark.parametrize("language", ["es", "de"])
def test_words_in_another_language_are_marked_as_such(visit, language):
    """The picker's names of languages, and the names of components in the footer; the rest is the page's own."""
    with visit(language=language, known=True) as page:
        page.goto("/orders")
        for path in page.paths:
            whole, options, parts = read(page, path, MARKED)
            assert whole == language, path
            assert len(options) == len(LANGUAGES), path
            assert all(marked == value for marked, value in options), path
            assert set(parts) <= {"en"}, path


def test_what_was_put_into_the_cart_is_announced(visit):
    """By an element that was there before, or no screen reader would say it (WCAG 4.1.3)."""
    with visit() as page:
        page.goto("/product/MUS-002")
        status = page.locator("#announcement[role=status]")
        expect(status).to_be_empty()
        page.locator("form.buy button").click()
        expect(status).to_have_text(page.locator(".toast").inner_text())


BORDERLESS = """() => [...document.querySelectorAll("button, .button, input:not([type=hidden]), select")]
.filter((element) => {
  const style = getComputedStyle(element);
  const shown = element.checkVisibility({visibilityProperty: true}) && element.getBoundingClientRect().width > 1;
  const underlined = style.textDecorationLine.includes("underline");
  return shown && !underlined && !element.closest(".hidden, .search, .language") &&
    (style.borderBottomStyle === "none" || style.borderBottomWidth === "0px");
}).map((element) => element.outerHTML.slice(0, 90))"""


HAS_RING = """() => ["", "::after"].some((part) => {
  const style = getComputedStyle(document.activeElement, part);
  return style.outlineStyle !== "none" && style.outlineWidth !== "0px" && (!part || style.content !== "none");
})"""


def test_in_colours_of_the_users_choice_everything_that_can_be_pressed_has_an_edge_and_shows_its_focus(visit):
    """Backgrounds and shadows go there, so that neither may be all that tells a button or the focus."""
    with visit(forced_colors="active", known=True) as page:
        for path in page.paths:
            page.goto(path)
            assert page.evaluate(BORDERLESS) == [], path
            for _ in range(12):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement === document.body"):
                    break  # after the last one
                assert page.evaluate(HAS_RING), (path, page.evaluate("document.activeElement.outerHTML.slice(0, 90)"))
