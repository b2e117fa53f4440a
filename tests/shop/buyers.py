"""What a buyer fills in, and the steps of a purchase through the API."""

import secrets

from twinshop.shoppers.purchase import DELIVERY, card

CARD = card("4242 4242 4242 4242")


class Api:
    """The steps of a purchase through the API."""

    delivery = DELIVERY
    card = CARD

    def add(self, client, sku, quantity=1, **headers):
        return client.post("/api/cart/lines", json={"sku": sku, "quantity": quantity}, headers=headers)

    def pay(self, client, key=None, **changes):
        """Place the order; `card=` and `delivery=` replace some of their members."""
        body = {
            "delivery": {**DELIVERY, **changes.get("delivery", {})},
            "card": {**CARD, **changes.get("card", {})},
            **{name: value for name, value in changes.items() if name.startswith("expected_")},
        }
        return client.post("/api/orders", json=body, headers={"idempotency-key": key or secrets.token_urlsafe(18)})

    def buy(self, client, sku):
        self.add(client, sku).raise_for_status()
        return self.pay(client)

    def problem(self, response, status, code):
        """The answer is this problem, as RFC 9457 wants it; its members."""
        assert response.headers["content-type"] == "application/problem+json", response.text[:500]
        members = response.json()
        assert {"type", "title", "status", "detail"} <= members.keys()
        assert (response.status_code, members["status"], members["code"]) == (status, status, code), members
        assert members["type"] == f"urn:twinshop:problem:{code}"
        assert members["title"]
        assert members["detail"]
        return members
