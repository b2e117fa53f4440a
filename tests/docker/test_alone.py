"""Each component runs alone, from its own compose file."""

import pytest

from twinshop.testing import plain_http
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
        assert wait_until(lambda: right(plain_http.request(method, project.url + path, json=body, timeout=10).json()))


@pytest.mark.parametrize("password", ["p@ss/w:rd#%$ ?&'\"\\"])
def test_the_next_day_it_starts_with_another_password_and_its_data(up, docker, password):
    """The password belongs to a start, not to the volume; it may hold any character."""
    file = "services/catalog/compose.yaml"
    with up("twinshop-test-next-day", file, port_variable="CATALOG_PORT") as project:
        ask = ("catalog-db", "psql", "-U", "twinshop", "-d", "catalog", "-Atc")
        project.inside(*ask, "CREATE TABLE kept (day int)")
        project.compose("down")
        project.environment["TWINSHOP_DB_PASSWORD"] = password
        project.compose("up", "--wait", "--wait-timeout", 120, "-d")

        ready = plain_http.get(f"{project.url}/readyz", timeout=10)
        assert ready.json()["components"] == {"catalog": "ready"}
        assert project.inside(*ask, "SELECT count(*) FROM kept") == "0"
