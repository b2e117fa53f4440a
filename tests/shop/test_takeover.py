"""A store front that is killed while a card is charged: the same request, sent again, ends the same order."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration
SLOW = {"number": "4000000000000341"}


@pytest.mark.parametrize("own_shop", ["micro", "mono"], indirect=True)
def test_a_payment_whose_store_front_was_killed_is_carried_on_by_the_same_key(own_shop, api):
    front = own_shop.processes["storefront" if own_shop.name == "micro" else "mono"]
    client, key = own_shop.client(), secrets.token_urlsafe(18)
    api.add(client, own_shop.plenty()).raise_for_status()

    def first():
        try:
            return api.pay(client, key, card=SLOW).status_code
        except httpx.TransportError:
            return None  # its store front is gone

    with ThreadPoolExecutor() as pool:
        sent = pool.submit(first)
        cookies = dict(client.cookies)
        wait_until(lambda: [order["state"] for order in seen(own_shop, cookies)] == ["open"])
        front.kill()
        answer = sent.result()
    front.start()
    own_shop.wait()
    again = api.pay(client, key, card=SLOW)

    assert answer is None
    assert again.status_code == 201, again.text
    assert [(order["id"], order["state"]) for order in seen(own_shop, cookies)] == [(again.json()["id"], "paid")]
    assert again.json()["payment"]["state"] == "charged"


def seen(shop, cookies):
    """The orders of a shopper, asked for by another of their browser's tabs."""
    with shop.client(cookies=cookies) as other:
        return other.get("/api/orders").raise_for_status().json()
