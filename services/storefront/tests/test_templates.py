"""The templates: what they say, and that they escape."""

import re

import pytest

from twinshop.contracts.catalog import Product
from twinshop.contracts.translate import Translation
from twinshop.contracts.values import Money
from twinshop.storefront import messages
from twinshop.storefront.language import Words
from twinshop.storefront.pages.templates import STATIC, Templates, picture_url, static_url, texts, url

TEMPLATES = Templates()
"""Keeps the cards of all tests: none may show what another product or another page has."""


def test_a_template_says_what_its_base_and_its_parts_say():
    assert texts("base.html") < texts("home.html")
    assert texts("_cart.html") < texts("cart.html")
    assert ("1 product", "{count} products") in texts("home.html")
    assert "API for programs" in texts("home.html")


@pytest.mark.parametrize(("language", "said"), [("en", "Skip to content"), ("de", "Zum Inhalt springen")])
def test_what_never_changes_is_compiled_into_the_template(language, said):
    template = Templates().get("base.html", language)
    source, _, _ = template.environment.loader.get_source(template.environment, "base.html")

    code = template.environment.compile(source, raw=True)
    assert said in code
    assert static_url("app.css") in code


def test_folding_a_call_still_escapes():
    environment = Templates().get("base.html").environment

    assert environment.from_string("{{ _('a < b') }} {{ icon('cart') }}").render().startswith("a &lt; b <svg ")


def test_a_call_whose_argument_varies_is_made_for_each_page():
    environment = Templates().get("base.html", "de").environment

    assert environment.from_string("{{ _(text) }}").render(text="Your cart") == "Ihr Warenkorb"


def test_a_macro_is_made_once():
    environment = Templates().get("home.html").environment
    template = environment.from_string("{% from '_macros.html' import pieces %}{{ pieces(count) }}")
    module = environment.get_template("_macros.html").module

    assert [template.render(count=count).strip() for count in (1, 2)] == ["1 piece", "2 pieces"]
    assert environment.get_template("_macros.html").module is module


def product(**others):
    facts = {"sku": "KIT-1", "name": "Pot <1>", "description": "-", "category": "kitchen", "category_name": "Kitchen"}
    return Product(**{**facts, "price": Money(amount=1250), "available": 9, "picture": "-", **others})


def card(shown, here="/", language="en", **words):
    said = Words(language, {text: Translation(text=other, origin="memory") for text, other in words.items()})
    template = (
        Templates().get("base.html", language).environment.from_string("{{ product_card(words, here, product) }}")
    )
    return template.render(words=said, here=here, product=shown)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"price": Money(amount=1300)}, "€13.00"),
        ({"available": 0}, "Sold out"),
        ({"available": 2}, "Only 2 left"),
        ({"name": "Pan <2>"}, "Pan &lt;2&gt;"),
        ({"sku": "KIT-2"}, "/product/KIT-2"),
        ({"picture": "shapes.svg"}, "no-picture.svg"),
    ],
)
def test_a_card_shows_what_its_product_is_now(changed, said):
    before = card(product())

    assert "€12.50" in before
    assert said in card(product(**changed))


def test_a_card_is_of_its_page():
    one, other = card(product(), here="/?a=<1>"), card(product(), here="/search")

    assert 'name="next" value="/?a=&lt;1&gt;"' in one
    assert 'name="next" value="/search"' in other
    assert change_id(one) != change_id(other)
    assert "<form" not in card(product(available=0))


def test_a_card_says_its_language_where_the_page_has_another():
    assert 'lang="en"' in card(product(), language="de")
    assert 'lang="en"' not in card(product(), language="de", **{"Pot <1>": "Topf"})
    assert "Topf" in card(product(), language="de", **{"Pot <1>": "Topf"})


def change_id(html):
    return re.search('name="change_id" value="([^"]{24})"', html)[1]


def test_what_is_shown_is_escaped():
    templates = Templates()
    rendered = templates.get("base.html").environment.from_string("{{ text }}").render(text="<script>")

    assert rendered == "&lt;script&gt;"


def test_a_static_url_changes_with_the_content():
    path, _, digest = static_url("app.css").partition("?v=")

    assert path == "/static/app.css"
    assert len(digest) == 12


def test_a_picture_that_is_missing_has_a_stand_in():
    assert picture_url("../../secrets.webp").startswith("/static/no-picture.svg")
    assert (STATIC / "no-picture.svg").is_file()


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({}, "/search"), ({"q": "", "page": 1, "sort": "featured"}, "/search"), ({"q": "a b&c"}, "/search?q=a+b%26c")],
)
def test_a_url_carries_only_what_says_something(parameters, expected):
    assert url("/search", **parameters) == expected


def test_pages_say_something_of_a_component_without_a_sentence_of_its_own():
    assert messages.down("cart") == messages.DOWN["cart"]
    assert messages.down("reviews") == messages.TEMPORARY
