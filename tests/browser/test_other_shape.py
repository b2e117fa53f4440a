"""Every page links to itself in the other shape, and says how long both took."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest

from twinshop.testing import plain_http
from twinshop.testing.ports import free_ports
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.integration]

NOBODY = "http://127.0.0.1:9"


@contextmanager
def storefront(shape, port, other):
    """A storefront alone, whose pages say that every component is down."""
    environment = {
        **os.environ,
        **{f"STOREFRONT_{name}_URL": NOBODY for name in ("CATALOG", "CART", "PAYMENT", "TRANSLATE")},
        "STOREFRONT_SECRET": "0123456789abcdef",
        "STOREFRONT_OTHER_SHAPE_URL": f"http://localhost:{other}",
        "TWINSHOP_SHAPE": shape,
        "TWINSHOP_PORT": str(port),
        "TWINSHOP_LOG_REQUESTS": "false",
    }
    process = subprocess.Popen([sys.executable, "-m", "twinshop.storefront"], env=environment)
    try:
        assert wait_until(lambda: plain_http.get(f"http://127.0.0.1:{port}/livez").is_success)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def both():
    """The ports of both, and the process of the second."""
    mono, micro = free_ports(2)
    with ExitStack() as stack:
        stack.enter_context(storefront("mono", mono, micro))
        yield mono, micro, stack.enter_context(storefront("micro", micro, mono))


def test_a_page_shows_both_times_and_leads_to_itself_in_the_other_shape(browser, both):
    mono, micro, _ = both
    context = browser.new_context(base_url=f"http://localhost:{mono}", locale="es-ES")
    page = context.new_page()
    wrong = []
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.goto("/orders?page=2&lang=es")
    link = page.get_by_role("link", name="Esta página en la otra forma")
    link.scroll_into_view_if_needed()
    times = page.get_by_text(re.compile(r"[\d,]+ ms aquí, [\d,]+ ms allí"))
    times.wait_for()
    policy = [text for text in wrong if "Content Security Policy" in text or "CORS" in text]
    link.click()
    page.wait_for_url(f"http://localhost:{micro}/orders?page=2")
    context.close()

    assert policy == []


def test_without_scripts_the_link_is_there(browser, both):
    mono, micro, _ = both
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"http://localhost:{micro}/search?q=pan")
    target = page.get_by_role("link", name="This page in the other shape").get_attribute("href")
    context.close()

    assert target == f"http://localhost:{mono}/search?q=pan"


def test_a_shop_that_is_down_is_said_to_be(browser, both):
    mono, _, other = both
    other.kill()
    other.wait()
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"http://localhost:{mono}/")
    page.get_by_role("link", name="This page in the other shape").scroll_into_view_if_needed()
    page.get_by_text("The other shape does not answer.").wait_for()
    context.close()
