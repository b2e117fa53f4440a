"""
Buy a frying pan through a shop's API, and print the state of the order.

    python3 docs/lessons/order.py http://localhost:8100
    python3 docs/lessons/order.py http://localhost:8100 gift_note="For you"    # one more field of the delivery

Only Python's standard library is used. The exit code is 1 if nothing was bought.
"""

import json
import secrets
import sys
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1G 9PF",
    "city": "London",
    "country": "GB",
}
CARD = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2090, "code": "123"}


def main(shop: str, *fields: str) -> int:
    """Fill a new cart and pay for it; each field is `name=text`."""
    extra = dict(field.split("=", 1) for field in fields)
    browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def post(path: str, body: object) -> dict:
        headers = {"content-type": "application/json", "idempotency-key": secrets.token_urlsafe(18)}
        with browser.open(Request(shop + path, json.dumps(body).encode(), headers), timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    try:
        cart = post("/api/cart/lines", {"sku": "KIT-001", "quantity": 1})
        total = cart["total"]["amount"]
        order = post("/api/orders", {"delivery": DELIVERY | extra, "card": CARD, "expected_total": total})
    except HTTPError as error:
        problem = json.load(error)
        print(f"{error.code}: {problem['detail']}")
        return 1
    kept = {name: order["delivery"].get(name) for name in extra}
    print(order["state"], *(f"{name}={text}" for name, text in kept.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
