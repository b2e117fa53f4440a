"""What people type as the address of the shop."""

from pathlib import Path

import pytest

from twinshop.shoppers import address


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (None, "http://localhost:8100"),
        ("", "http://localhost:8100"),
        ("http://localhost:8200", "http://localhost:8200"),
        ("http://localhost:8200/", "http://localhost:8200"),
        ("http://localhost:8200//", "http://localhost:8200"),
        (" http://localhost:8200/category/toys?sort=price#top ", "http://localhost:8200"),
        ("localhost:8200", "http://localhost:8200"),
        ("127.0.0.1:8200/", "http://127.0.0.1:8200"),
        ("[::1]:8200", "http://[::1]:8200"),
        ("shop.example", "http://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        ("HTTP://localhost:8200/", "HTTP://localhost:8200"),
    ],
)
def test_it_becomes_the_origin_that_locust_needs(typed, expected):
    assert address.origin(typed) == expected


@pytest.mark.parametrize(
    "typed", ["ftp://localhost", "/", "http://", "http:///", "the shop", "?", "http://user:word@shop"]
)
def test_what_is_no_address_is_refused_with_an_example(typed):
    with pytest.raises(ValueError, match=r"is not the address of a shop, such as http://localhost:8100"):
        address.origin(typed)


def test_the_default_is_where_make_up_mono_is():
    assert "http://localhost:8100" in (Path(__file__).parents[2] / "Makefile").read_text()
    assert address.DEFAULT == "http://localhost:8100"
