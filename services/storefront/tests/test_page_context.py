"""Where a page says that it is."""

import pytest
from fastapi import Request

from twinshop.storefront.pages.page_context import _here


def request(path, query=b"", method="GET"):
    headers = [(b"host", b"shop.example")]
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers}
    return Request({**scope, "scheme": "http", "server": ("127.0.0.1", 8000)})


@pytest.mark.parametrize(
    "path",
    ["/", "/product/KIT-001", "/search", "//evil.example", "/a b", "/product/a?b", "/a#b", "/ä", "/a\\b", "/a\tb", ""],
)
def test_a_page_is_at_the_path_of_its_address(path):
    asked = request(path)

    assert _here(asked) == asked.url.path


def test_the_language_is_not_part_of_where_a_page_is():
    assert _here(request("/search", b"q=tea+pot&lang=es&page=2")) == "/search?q=tea+pot&page=2"
    assert _here(request("/search", b"lang=es")) == "/search"


def test_a_page_that_a_form_was_posted_to_cannot_be_asked_for():
    assert _here(request("/checkout", method="POST")) == "/"
