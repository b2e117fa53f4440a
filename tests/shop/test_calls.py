"""How many calls a page makes: what it needs of a component in one, and those that need no other's answer at once."""

import re

import pytest

pytestmark = pytest.mark.integration

PAGES = ("/", "/category/kitchen", "/search", "/product/{sku}", "/cart", "/checkout", "/orders", "/orders/{order}")
AT_ONCE = ("/", "/category/kitchen", "/search", "/product/{sku}")
"""Pages whose products and cart do not depend on each other."""
VISITS = 3
"""Of each page: on a busy machine a component may have answered before the next one is asked."""
CALL = re.compile(r"(\w+);desc=(\w+);dur=([\d.]+);start=([\d.]+)")


@pytest.fixture(scope="module")
def timings(started):
    """
    The calls of each visit to each page, by component, as begin and end in milliseconds.

    The pages are in Spanish, and the visitor has a cart.
    """
    browser = started.browser("es")
    sku = started.plenty()
    browser.put_into_cart(sku)
    order = browser.pay().path.rpartition("/")[2]
    browser.put_into_cart(sku)
    found = {}
    for path in PAGES * VISITS:
        timing = browser.open(path.format(sku=sku, order=order)).headers["server-timing"]
        calls = {}
        for component, _, took, start in CALL.findall(timing):
            calls.setdefault(component, []).append((float(start), float(start) + float(took)))
        found.setdefault(path, []).append(calls)
    started.close()
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_calls_each_component_once(timings, path):
    for visit in timings[path]:
        assert {component: len(calls) for component, calls in visit.items() if len(calls) > 1} == {}
        assert {"cart", "translate"} <= visit.keys()


@pytest.mark.parametrize("path", AT_ONCE)
def test_products_and_cart_are_asked_for_at_the_same_time(timings, path):
    def overlap(visit):
        ((asked, answered),), ((begun, ended),) = visit["catalog"], visit["cart"]
        return begun < answered and asked < ended

    assert any(overlap(visit) for visit in timings[path])
