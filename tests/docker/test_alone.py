"""Each component runs alone, from its own compose file."""

import httpx
import pytest

from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

FIRST_QUESTION = {
    "catalog": ("POST", "/catalog/search", {}, lambda answer: answer["total"] >= 60),
    "cart": ("GET", "/cart/carts/0123456789abcdef", None, lambda answer: answer["version"] == 0),
    "payment": ("GET", "/payment/audit", None, lambda answer: answer["unclosed"] == 0),
    "translate": (
        "POST",
        "/translate/texts",
        {"texts": ["The dog sleeps."], "source": "en", "target": "ca"},
        lambda answer: answer[0]["origin"] == "engine",
    ),
    "storefront": ("GET", "/api/shape", None, lambda answer: len(answer["remote"]) == 4),
}


@pytest.mark.parametrize("component", FIRST_QUESTION)
def test_it_answers_without_the_others(up, component):
    method, path, body, right = FIRST_QUESTION[component]
    file = f"services/{component}/compose.yaml"
    with up(f"twinshop-test-{component}", file, port_variable=f"{component.upper()}_PORT") as project:
        assert wait_until(lambda: right(httpx.request(method, project.url + path, json=body, timeout=10).json()))
