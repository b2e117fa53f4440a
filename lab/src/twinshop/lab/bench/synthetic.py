"""
Synthetic catalogues of any size, in the import format.

The first 72 products are those that the shop ships. Each further one is a variant of one of them, with a colour, a
brand and a model number: words such as `red` or `pan` are then in a share of all products whatever the size, others in
one product only, and the vocabulary grows with the catalogue (a new brand every 20 products).
"""

import csv
import json
import random
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

COLUMNS = ("sku", "name", "description", "category", "price", "stock", "picture")
COLOURS = ("red", "blue", "green", "black", "white", "yellow", "grey", "brown", "purple", "orange")
PER_BRAND = 20
_SYLLABLES = ("ba", "cor", "da", "fel", "gan", "hu", "kir", "lo", "mes", "nu", "pra", "ros", "sti", "ton", "vel", "zan")


def brand(number: int) -> str:
    """A name of at least three syllables, another one for each number."""
    syllables = [_SYLLABLES[number % 16], _SYLLABLES[number // 16 % 16], _SYLLABLES[number // 256 % 16]]
    while number := number // 4096:
        syllables.append(_SYLLABLES[number % 16])
    return "".join(syllables).capitalize()


def products(shipped: Path, count: int, seed: int = 1) -> Iterator[tuple[str | int, ...]]:
    """Rows of the import format, prices in euros; `shipped` is the catalogue's data file."""
    content = json.loads(shipped.read_bytes())
    names = {category["slug"]: category["name"] for category in content["categories"]}
    originals = content["products"]
    chance = random.Random(seed)  # noqa: S311 - prices, no secrets
    for number in range(count):
        turn, place = divmod(number, len(originals))
        of = originals[place]
        price, name, description = of["price"], of["name"], of["description"]
        if turn:
            colour, by = COLOURS[turn % len(COLOURS)], brand(number // PER_BRAND)
            price = max(100, round(price * chance.uniform(0.5, 1.5)))
            name = f"{name}, {colour}, {by} M{number:06}"
            description = f"{description} Made by {by} in {colour}, with a guarantee of {1 + turn % 5} years."
        sku = of["sku"] if not turn else f"{of['sku']}-{turn:05}"
        yield sku, name, description, names[of["category"]], f"{price / 100:.2f}", of["stock"], of["picture"]


def catalogue(shipped: Path, count: int, seed: int = 1) -> bytes:
    """The same as a CSV file."""
    written = StringIO(newline="")
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(products(shipped, count, seed))
    return written.getvalue().encode()
