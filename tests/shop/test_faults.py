"""The same fault planted into the same component of both shapes, and what a visitor sees of it."""

import pytest

from twinshop.storefront.interface import interface
from twinshop.storefront.messages import DOWN
from twinshop.testing import plain_http
from twinshop.testing.waiting import eventually

pytestmark = pytest.mark.integration

BOTH = pytest.mark.parametrize("own_shop", ["micro", "mono"], indirect=True)
NEEDS = {"catalog": "/search?q=pan", "cart": "/cart", "payment": "/orders", "translate": "/"}
"""A page that needs the component."""
WITHOUT = {"catalog": 503, "cart": 503, "payment": 503, "translate": 200}
"""How that page answers without it: 503 where it cannot serve its purpose."""


@pytest.fixture
def visit(own_shop):
    """Opens the page that needs a component, as a shopper with a cart; one who reads Spanish for the translator's."""

    def opened(component):
        browser = own_shop.browser("es" if component == "translate" else "en")
        browser.put_into_cart(own_shop.plenty())
        return lambda: browser.open(NEEDS[component])

    return opened


def missed(component):
    """The notice of the page that needs it, in the visitor's language."""
    return interface("es" if component == "translate" else "en").say(DOWN[component])


def is_well(page):
    assert (page.status, page.notices) == (200, [])


@BOTH
@pytest.mark.parametrize("component", NEEDS)
def test_a_component_that_fails_is_missed_in_the_same_way_in_both_shapes(own_shop, visit, component):
    page = visit(component)
    with own_shop.with_fault(component, "errors"):
        failing = page()

    assert (failing.status, failing.notices) == (WITHOUT[component], [missed(component)])
    eventually(lambda: is_well(page()))


@BOTH
def test_a_bug_that_nobody_foresaw_stops_at_the_border_of_its_process(own_shop, visit):
    page = visit("translate")
    with own_shop.with_fault("translate", "errors", raises="bug"):
        failing = page()

    if own_shop.name == "micro":
        assert (failing.status, failing.notices) == (200, [missed("translate")])
    else:
        assert failing.status == 500
        assert "The error has been logged" in failing.html
    eventually(lambda: is_well(page()))


@BOTH
def test_visitors_cannot_plant_faults(own_shop):
    fault = {"component": "translate", "kind": "errors", "seconds": 60}
    for process in own_shop.processes.values():
        if process.name != "redis":
            url = f"http://127.0.0.1:{process.port}/faults"
            assert plain_http.post(url, json=fault).status_code == 401
            assert plain_http.get(url).status_code == 401


def test_a_shop_without_a_token_has_no_such_routes(shop):
    for process in shop.processes.values():
        if process.name != "redis":
            assert plain_http.get(f"http://127.0.0.1:{process.port}/faults").status_code == 404
