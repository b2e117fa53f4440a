"""What a shopper sends to pay for a cart."""

DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1",
    "city": "London",
    "country": "GB",
}
CARD = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2090, "code": "123"}
"""A card that pays."""
