"""How many calls a page makes: what it needs of a component in one, and those that need no other's answer at once."""

import re

import pytest

pytestmark = pytest.mark.integration

PAGES = ("/", "/category/kitchen", "/search", "/product/{sku}", "/cart", "/checkout", "/orders", "/orders/{order}")
AT_ONCE = ("/", "/category/kitchen", "/search", "/product/{sku}")
"""Pages whose products and cart do not depend on each other."""
CALL = re.compile(r"(\w+);desc=(\w+);dur=([\d.]+);start=([\d.]+)")


@pytest.fixture(scope="module")
def timings(started):
    """The calls of each page to each component, as begin and end in milliseconds; of a page in Spanish, with a cart."""
    browser = started.browser("es")
    sku = started.plenty()
    browser.put_into_cart(sku)
    order = browser.pay().path.rpartition("/")[2]
    browser.put_into_cart(sku)
    found = {}
    for path in PAGES:
        timing = browser.open(path.format(sku=sku, order=order)).headers["server-timing"]
        calls = found[path] = {}
        for component, _, took, start in CALL.findall(timing):
            calls.setdefault(component, []).append((float(start), float(start) + float(took)))
    started.close()
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_calls_each_component_once(timings, path):
    assert {component: len(calls) for component, calls in timings[path].items() if len(calls) > 1} == {}
    assert {"cart", "translate"} <= timings[path].keys()


@pytest.mark.parametrize("path", AT_ONCE)
def test_products_and_cart_are_asked_for_at_the_same_time(timings, path):
    ((asked, answered),), ((begun, ended),) = timings[path]["catalog"], timings[path]["cart"]

    assert begun < answered
    assert asked < ended
