"""While a card is charged: the button says so, cannot be pressed again, and it is announced."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FIELDS = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1G 9PF",
    "city": "London",
    "card_number": "4000 0000 0000 0341",  # slow
    "expiry": f"12/{(datetime.now(UTC).year + 2) % 100:02}",
    "code": "123",
}


KEEP_WHAT_WAS_SHOWN = """addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form.checkout");
  const keep = () => sessionStorage.setItem("shown", JSON.stringify([
    form.querySelector("button").disabled,
    form.querySelector("button").textContent,
    form.querySelector("[role=status]").textContent,
  ]));
  if (form) new MutationObserver(keep).observe(form, { subtree: true, childList: true, attributes: true });
})"""
"""Nothing can be asked of a page that is being left, so the page notes it itself."""


def test_while_a_card_is_charged_the_button_says_so_and_it_is_announced(browser, deployments):
    shop = deployments("mono")
    context = browser.new_context(base_url=shop.url, locale="en-GB")
    context.add_init_script(KEEP_WHAT_WAS_SHOWN)
    page = context.new_page()
    assert context.request.post("/api/cart/lines", data={"sku": "WRK-001", "quantity": 1}).ok
    page.goto("/checkout")
    for field, value in FIELDS.items():
        page.fill(f"#field-{field}", value)
    page.select_option("#field-country", "GB")
    expect(page.locator("form.checkout [role=status]")).to_have_text("")

    page.locator("form.checkout button").click()
    page.wait_for_url("**/orders/*")

    assert page.evaluate("JSON.parse(sessionStorage.getItem('shown'))") == [True, "Paying…", "Paying…"]
    context.close()
