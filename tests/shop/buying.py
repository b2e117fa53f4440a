"""A purchase by the JSON API, for tests that have no components at hand but a shop at an address."""

import secrets

DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1",
    "city": "London",
    "country": "GB",
}
CARD = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2090, "code": "123"}


def purchase(client, card=CARD):
    """Buy one piece of whatever is there; the client keeps the visitor's cookie."""
    products = client.get("/api/products").raise_for_status().json()["items"]
    product = next(item for item in products if item["available"] > 20)
    client.post("/api/cart/lines", json={"sku": product["sku"]}).raise_for_status()
    body = {"delivery": DELIVERY, "card": card, "expected_total": product["price"]["amount"]}
    return client.post("/api/orders", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
