"""The cart over HTTP, behind the real application."""

import httpx
import pytest

from twinshop.kit.app import create_app
from twinshop.kit.settings import ServerSettings

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
async def http(component):
    app = create_app([component], ServerSettings(), title="cart")
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://cart") as client,
    ):
        yield client


@pytest.fixture
def url(cart_id):
    return f"/cart/carts/{cart_id}"


@pytest.fixture
def change(make_id):
    return {"sku": "KIT-001", "quantity": 2, "mode": "add", "change_id": make_id()}


async def test_a_change_answers_with_the_cart(http, url, cart_id, change):
    answer = await http.post(f"{url}/changes", json=change)
    assert answer.json() == {"id": cart_id, "version": 1, "lines": [{"sku": "KIT-001", "quantity": 2}]}


async def test_merge_and_subtract_take_many_lines(http, url, make_id):
    two = {"lines": [{"sku": "KIT-001", "quantity": 2}, {"sku": "TEA-002", "quantity": 1}], "change_id": make_id()}
    one = {"lines": [{"sku": "KIT-001", "quantity": 1}], "change_id": make_id()}
    await http.post(f"{url}/merge", json=two)
    await http.post(f"{url}/subtract", json=one)
    assert (await http.get(url)).json()["lines"] == [
        {"sku": "KIT-001", "quantity": 1},
        {"sku": "TEA-002", "quantity": 1},
    ]


async def test_another_version_than_expected_is_a_conflict(http, url, change):
    answer = await http.post(f"{url}/changes", json=change | {"expected_version": 7})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["version"]) == (409, "version-mismatch", 0)


@pytest.mark.parametrize(
    "sku", ["KIT-001'; DROP TABLE carts; --", "<script>alert(1)</script>", "KIT-001\n", "KIT-001 TEA-002=9", ""]
)
async def test_a_sku_that_is_none_is_refused_and_not_echoed(http, url, change, sku):
    answer = await http.post(f"{url}/changes", json=change | {"sku": sku})
    assert answer.status_code == 422
    assert not sku or sku not in answer.text


@pytest.mark.parametrize(
    "wrong",
    [{"quantity": -1}, {"quantity": 100}, {"quantity": 1.5}, {"mode": "eat"}, {"change_id": "short"}, {"price": 1}],
)
async def test_a_change_that_makes_no_sense_is_refused(http, url, change, wrong):
    answer = await http.post(f"{url}/changes", json=change | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_a_cart_id_that_is_none_is_refused(http):
    assert (await http.get("/cart/carts/short")).status_code == 422


async def test_the_errors_are_in_the_openapi_document(http):
    paths = (await http.get("/openapi.json")).json()["paths"]
    assert {"200", "409", "422", "503"} <= set(paths["/cart/carts/{cart_id}/changes"]["post"]["responses"])
