"""The templates: what they say, and that they escape."""

import pytest

from twinshop.storefront.pages.templates import STATIC, Templates, picture_url, static_url, url


def test_a_template_says_what_its_base_and_its_parts_say():
    templates = Templates()

    assert templates.texts("base.html") < templates.texts("home.html")
    assert templates.texts("_cart.html") < templates.texts("cart.html")


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
