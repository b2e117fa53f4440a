"""
Synthetic products and orders, as many as are wanted.

The first 72 products are those that the shop ships. Each further one is a variant of one of them, with a colour, a
brand and a model number: words such as `red` or `pan` are then in a share of all products whatever the size, others in
one product only, and the vocabulary grows with the catalogue (a new brand every 20 products). Every shopper has the
same number of orders, so that a history is as long in a large ledger as in a small one.
"""

import csv
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from io import StringIO
from pathlib import Path

COLUMNS = ("sku", "name", "description", "category", "price", "stock", "picture")
COLOURS = ("red", "blue", "green", "black", "white", "yellow", "grey", "brown", "purple", "orange")
PRODUCTS_PER_BRAND = 20
ORDERS_PER_SHOPPER = 5
_SYLLABLES = ("ba", "cor", "da", "fel", "gan", "hu", "kir", "lo", "mes", "nu", "pra", "ros", "sti", "ton", "vel", "zan")
_SIGNS = "234679ACDEFGHJKMNPQRTUVWXY"
"""Of order numbers."""
_FIRST_ORDER = datetime(2020, 1, 1, tzinfo=UTC)

Row = tuple[str | int | bool | None, ...]


def brand(number: int) -> str:
    """Return a name of at least three syllables, a different one for each number."""
    syllables = [_SYLLABLES[number % 16], _SYLLABLES[number // 16 % 16], _SYLLABLES[number // 256 % 16]]
    rest = number // 4096
    while rest:
        rest, syllable = divmod(rest, 16)
        syllables.append(_SYLLABLES[syllable])
    return "".join(syllables).capitalize()


def products(shipped: Path, count: int, seed: int = 1) -> Iterator[tuple[str | int, ...]]:
    """Yield rows of `COLUMNS`, prices in euros; `shipped` is the catalogue's data file."""
    content = json.loads(shipped.read_bytes())
    names = {category["slug"]: category["name"] for category in content["categories"]}
    originals = content["products"]
    chance = random.Random(seed)  # noqa: S311 - prices, no secrets
    for number in range(count):
        turn, place = divmod(number, len(originals))
        original = originals[place]
        price, name, description = original["price"], original["name"], original["description"]
        if turn:
            colour, maker = COLOURS[turn % len(COLOURS)], brand(number // PRODUCTS_PER_BRAND)
            price = max(100, round(price * chance.uniform(0.5, 1.5)))
            name = f"{name}, {colour}, {maker} M{number:06}"
            description = f"{description} Made by {maker} in {colour}, with a guarantee of {1 + turn % 5} years."
        sku = original["sku"] if not turn else f"{original['sku']}-{turn:05}"
        category = names[original["category"]]
        yield sku, name, description, category, f"{price / 100:.2f}", original["stock"], original["picture"]


def catalogue(shipped: Path, count: int, seed: int = 1) -> bytes:
    """Return the products as a CSV file that `make import` takes."""
    written = StringIO(newline="")
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(products(shipped, count, seed))
    return written.getvalue().encode()


def order_id(number: int) -> str:
    """Return an id that is as spread as the random ones of real orders."""
    return blake2b(b"%d" % number, digest_size=16).hexdigest()


def shopper_id(number: int) -> str:
    return f"shopper-{blake2b(b'%d' % number, digest_size=12).hexdigest()}"


def order_number(number: int) -> str:
    """Return a number as people read it out, a different one for each of the first 26⁸."""
    rest = number * 123_456_789_011 % len(_SIGNS) ** 8  # the factor shares no divisor with 26
    signs = ""
    for _ in range(8):
        rest, sign = divmod(rest, len(_SIGNS))
        signs += _SIGNS[sign]
    return f"TW-{signs[:4]}-{signs[4:]}"


ORDER_COLUMNS = (
    *("id", "number", "idempotency_key", "fingerprint", "shopper_id", "cart_id", "state", "closed", "lines", "total"),
    *("delivery", "language", "card_brand", "card_last4", "created_at", "updated_at"),
)
CHARGE_COLUMNS = ("order_id", "amount", "state", "attempts", "created_at", "updated_at")
_DELIVERY = json.dumps(
    {
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "street": "1 Loop",
        "postcode": "08001",
        "city": "Reus",
        "country": "ES",
    }
)


def orders(count: int) -> Iterator[tuple[Row, Row]]:
    """Yield paid orders and their charges as rows of `ORDER_COLUMNS` and `CHARGE_COLUMNS`, the oldest first."""
    shoppers = max(1, count // ORDERS_PER_SHOPPER)
    for number in range(count):
        amount, key = 1000 + number % 9000, order_id(number)
        lines = [
            {"sku": "KIT-001", "name": "Cast-iron frying pan", "quantity": 1, "price": {"amount": amount}},
            {"sku": "TEA-004", "name": "Sencha", "quantity": 2, "price": {"amount": 500}},
        ]
        # both databases read this as a time in UTC
        at = f"{_FIRST_ORDER + timedelta(seconds=60 * number):%Y-%m-%d %H:%M:%S.%f}"
        order = (
            *(key, order_number(number), f"key-{number:012}", f"{number:064x}", shopper_id(number % shoppers)),
            *(f"cart-{key}", "paid", True, json.dumps(lines), amount + 1000, _DELIVERY, "en", "Visa", "4242", at, at),
        )
        yield order, (key, amount + 1000, "accepted", 1, at, at)
