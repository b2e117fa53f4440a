"""A purchase through the JSON API of a shop at an address."""

import secrets
from typing import Any

import httpx

DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1",
    "city": "London",
    "country": "GB",
}
_PLENTY = 20

CARD: dict[str, Any] = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2090, "code": "123"}


def purchase(client: httpx.Client, card: dict[str, Any] = CARD) -> httpx.Response:
    """Buy one piece of a product that is in stock, and return the answer; `client` keeps the visitor's cookie."""
    products = client.get("/api/products").raise_for_status().json()["items"]
    product = next(item for item in products if item["available"] > _PLENTY)
    client.post("/api/cart/lines", json={"sku": product["sku"]}).raise_for_status()
    body = {"delivery": DELIVERY, "card": card, "expected_total": product["price"]["amount"]}
    return client.post("/api/orders", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
