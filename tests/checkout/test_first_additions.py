"""A new visitor's first additions, made at once: whatever the order of the answers, all are in one cart."""

import asyncio
import secrets

import httpx
import pytest
from fastapi import Request, Response

from twinshop.kit import app as kit_app
from twinshop.kit.settings import ServerSettings
from twinshop.storefront.app import build
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.visitor import COOKIE, Visitors

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
SKUS = ("AAA-001", "AAA-002", "AAA-004")


@pytest.fixture
def settings():
    return StorefrontSettings(secret=secrets.token_hex(16), resume_seconds=3600)


@pytest.fixture
def app(world, settings):
    front = build(world.shop, settings, "test")
    return kit_app.create_app([front.component], ServerSettings(hosts={"shop.test"}), title="test", render=front.render)


@pytest.fixture
async def client(app):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        client.headers.update({"accept-language": "en"})
        yield client


def by_page(client, sku, cookies):
    form = {"sku": sku, "quantity": "1", "change_id": secrets.token_urlsafe(18)}
    return client.post("/cart/add", data=form, headers={"hx-request": "true", "accept": "text/html", **cookies})


def by_api(client, sku, cookies):
    return client.post("/api/cart/lines", json={"sku": sku}, headers=cookies)


async def contents(client):
    lines = (await client.get("/api/cart")).raise_for_status().json()["lines"]
    return {line["sku"]: line["quantity"] for line in lines}


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("add", [by_page, by_api])
async def test_first_additions_made_at_once_are_all_in_the_cart(client, add, backwards):
    """Each is sent before any answer, so without a cookie; the browser then has what all answers have set."""
    answers = [await add(client, sku, {"cookie": ""}) for sku in SKUS]
    client.cookies.clear()
    for answer in answers[:: -1 if backwards else 1]:
        assert answer.status_code == 200
        client.cookies.extract_cookies(answer)

    assert await contents(client) == dict.fromkeys(SKUS, 1)
    assert await contents(client) == dict.fromkeys(SKUS, 1)
    page = await client.get("/cart", headers={"accept": "text/html"})
    assert all(sku in page.text for sku in SKUS)
    assert len([name for name in client.cookies if name.startswith(COOKIE)]) == 1, "the others are forgotten"
    assert await contents(client) == dict.fromkeys(SKUS, 1)


async def test_first_additions_after_a_forged_cookie_are_all_in_the_cart(client):
    forged = {"cookie": f"{COOKIE}=forged"}
    answers = [await by_page(client, sku, forged) for sku in SKUS]
    client.cookies.clear()
    client.cookies.set(COOKIE, "forged", domain="shop.test")
    for answer in answers:
        client.cookies.extract_cookies(answer)

    assert await contents(client) == dict.fromkeys(SKUS, 1)


async def test_carts_are_put_together_once_though_many_pages_are_opened_at_once(client):
    answers = [await by_api(client, sku, {"cookie": ""}) for sku in SKUS]
    for answer in answers:
        client.cookies.extract_cookies(answer)

    await asyncio.gather(*(client.get("/cart", headers={"accept": "text/html"}) for _ in range(4)))

    assert await contents(client) == dict.fromkeys(SKUS, 1)


async def test_an_addition_that_is_under_way_with_the_other_cookie_is_not_lost(client):
    """Its cookie is the one that goes; the addition was sent before that, and arrives after the carts were merged."""
    answers = [await by_api(client, sku, {"cookie": ""}) for sku in SKUS[:2]]
    for answer in answers:
        client.cookies.extract_cookies(answer)
    pairs = [answer.headers["set-cookie"].partition(";")[0] for answer in answers]
    await client.get("/cart", headers={"accept": "text/html"})
    for pair in pairs:
        await by_api(client, SKUS[2], {"cookie": pair})

    assert await contents(client) == {"AAA-001": 1, "AAA-002": 1, "AAA-004": 2}


async def test_a_cookie_whose_cart_this_shop_has_never_seen_stays(client, settings):
    """It may be that of another shop of this host with the same key, such as the other shape, and full there."""
    for _ in range(2):
        response = Response()
        visitors = Visitors(settings)
        visitors.remember(visitors.read(Request({"type": "http", "headers": []})), response)
        client.cookies.extract_cookies(
            httpx.Response(200, headers=response.headers, request=client.build_request("GET", "/"))
        )
    both = sorted(client.cookies)

    await by_page(client, SKUS[0], {})
    for _ in range(2):
        await client.get("/cart", headers={"accept": "text/html"})

    assert len(both) == 2
    assert sorted(client.cookies) == both
    assert await contents(client) == {SKUS[0]: 1}


async def test_the_orders_of_both_are_the_visitors(world, client):
    """One of the two had paid before the other's cookie came."""
    answers = [await by_api(client, sku, {"cookie": ""}) for sku in SKUS[:2]]
    bodies = []
    for answer in answers:
        cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0], "idempotency-key": secrets.token_hex(8)}
        bodies.append((await client.post("/api/orders", json=PURCHASE, headers=cookie)).json())
    for answer in answers:
        client.cookies.extract_cookies(answer)

    listed = {order["id"] for order in (await client.get("/api/orders")).json()}

    assert listed == {body["id"] for body in bodies}
    for _ in range(2):
        for body in bodies:
            assert (await client.get(f"/orders/{body['id']}", headers={"accept": "text/html"})).status_code == 200


PURCHASE = {
    "delivery": {
        "name": "Ada Byron",
        "email": "ada@example.com",
        "street": "12 Analytical Row",
        "postcode": "W1",
        "city": "London",
        "country": "GB",
    },
    "card": {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2090, "code": "123"},
}
