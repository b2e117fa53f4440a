"""A purchase through the JSON API of a shop at an address."""

import secrets

import httpx

from twinshop.shoppers.purchase import ACCEPTED, checkout

_PLENTY = 20


def purchase(client: httpx.Client, number: str = ACCEPTED) -> httpx.Response:
    """Buy one piece of a product that is in stock, and return the answer; `client` keeps the visitor's cookie."""
    listed = client.get("/api/products")
    assert listed.is_success, listed.text  # who did not answer
    products = listed.json()["items"]
    product = next(item for item in products if item["available"] > _PLENTY)
    put = client.post("/api/cart/lines", json={"sku": product["sku"]})
    assert put.is_success, put.text
    body = checkout(number, expected_total=product["price"]["amount"])
    return client.post("/api/orders", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
