"""What is derived from the products: the lists that people page through, the kept counts, the index of the search."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from pathlib import Path

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog import bulk
from twinshop.catalog.analysis import ENGLISH, LANGUAGES, fold, raw_words
from twinshop.catalog.matching import category_token, token
from twinshop.catalog.progress import Progress
from twinshop.catalog.vocabulary import keys
from twinshop.contracts.catalog import Sort
from twinshop.kit.collation import places_by_language

VERSION = "2"
"""Of all that this module derives: another one makes the next start derive it again."""
TEXTS = Path(__file__).parent / "data" / "texts"
"""What the shop shows in each language in place of the English texts; a copy of the translator's memory."""

EVERYTHING = ""
"""The scope of the lists of all products; other lists are of a category, by its slug."""
_PENDING_BYTES = 32 * 2**20
"""What FTS5 gathers before it writes: with its default, 1 MB, merging took half of the time."""
_LAST_POSITION = 16_000
"""PostgreSQL numbers the words of a text up to 16,383."""
_MOST_PLACES = 255
"""Of one word in a text, for PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A product as it is listed and searched."""

    sku: str
    name: str
    description: str
    category: str
    price: int


def sku_key(sku: str) -> str:
    """The key without case and punctuation: `kit 001` means `KIT-001`."""
    return "".join(sign for sign in fold(sku) if sign.isalnum())


def texts() -> bytes:
    """The content of all files of `TEXTS`."""
    return b"".join(path.read_bytes() for path in sorted(TEXTS.glob("*.json")))


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, str]]:
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(TEXTS.glob("*.json"))}


ORDERS = ("featured", "price", "price_down", *(f"name_{language}" for language in LANGUAGES))
"""What products are sorted by, each a column of the lists."""


def order_column(sort: Sort, language: str) -> str:
    """The one of `ORDERS` that a sort means for readers of a language."""
    if sort == "name":
        return f"name_{language if language in LANGUAGES else ENGLISH}"
    return "price_down" if sort == "-price" else sort


async def rebuild(session: AsyncSession, progress: Progress) -> None:
    """Derive everything from the products that are listed, in the order of their positions."""
    connection = await session.connection()
    rows = await connection.execute(
        text("SELECT sku, name, description, category, price FROM catalog_product WHERE listed ORDER BY position, sku")
    )
    products = [Listed(*row) for row in rows]
    names = {row.slug: row.name for row in await connection.execute(text("SELECT slug, name FROM catalog_category"))}
    progress.say("lists")
    await _write_lists(session, products)
    progress.say("search index")
    await _write_search(session, products, names, progress)


async def _write_lists(session: AsyncSession, products: Sequence[Listed]) -> None:
    connection = await session.connection()
    orders = await asyncio.to_thread(_orders, products)
    names = [f"name_{language}" for language in LANGUAGES]
    derived = {"position": "integer", "sku_key": "text", **dict.fromkeys(names, "integer")}
    rows = zip(
        (product.sku for product in products),
        range(len(products)),
        (sku_key(product.sku) for product in products),
        *(_inverse(orders[name]) for name in names),
        strict=True,
    )
    await bulk.temporary(session, "catalog_place", {"sku": "text PRIMARY KEY", **derived}, sorted(rows))
    changes = ", ".join(f"{column} = found.{column}" for column in derived)
    await connection.execute(
        text(f"UPDATE catalog_product SET {changes} FROM catalog_place AS found WHERE found.sku = catalog_product.sku")  # noqa: S608
    )
    await connection.execute(text("DROP TABLE catalog_place"))
    await connection.execute(text("DELETE FROM catalog_listing"))
    await bulk.insert(session, "catalog_listing", ("scope", "place", *ORDERS), _places(orders, products))
    await connection.execute(
        text(
            "UPDATE catalog_category SET products = (SELECT count(*) FROM catalog_product"
            " WHERE catalog_product.category = catalog_category.slug AND catalog_product.listed)"
        )
    )


def _orders(products: Sequence[Listed]) -> dict[str, Sequence[int]]:
    """The positions of the products by each of `ORDERS`; ties are broken by the key."""
    by_sku = sorted(range(len(products)), key=[product.sku for product in products].__getitem__)  # sorts are stable
    prices = [product.price for product in products]
    shown = {
        language: [_texts().get(language, {}).get(product.name, product.name) for product in products]
        for language in LANGUAGES
    }
    places = places_by_language(shown)
    orders: dict[str, Sequence[int]] = {
        "featured": range(len(products)),
        "price": sorted(by_sku, key=prices.__getitem__),
        "price_down": sorted(by_sku, key=[-price for price in prices].__getitem__),
    }
    for language in LANGUAGES:
        key = [places[language][name] for name in shown[language]]
        orders[f"name_{language}"] = sorted(by_sku, key=key.__getitem__)
    return orders


def _inverse(order: Sequence[int]) -> list[int]:
    """The place of each position."""
    places = [0] * len(order)
    for place, position in enumerate(order):
        places[position] = place
    return places


def _places(orders: Mapping[str, Sequence[int]], products: Sequence[Listed]) -> Iterator[tuple[object, ...]]:
    """Rows for all products, then for each category, in the order of the table's key: it grows at its end."""
    yield from zip(repeat(EVERYTHING), range(len(products)), *(orders[name] for name in ORDERS), strict=False)
    category_of = [product.category for product in products]
    by_category: dict[str, list[list[int]]] = {category: [[] for _ in ORDERS] for category in sorted({*category_of})}
    for column, name in enumerate(ORDERS):
        for position in orders[name]:
            by_category[category_of[position]][column].append(position)
    for category, columns in by_category.items():
        yield from zip(repeat(category), range(len(columns[0])), *columns, strict=False)


async def _write_search(
    session: AsyncSession, products: Sequence[Listed], categories: Mapping[str, str], progress: Progress
) -> None:
    connection = await session.connection()
    sqlite = connection.dialect.name == "sqlite"
    found = _Words()
    fields = _fields(products, categories, found)

    def indexed(done: int) -> None:
        progress.say(f"search index, {100 * done // max(1, len(products))} %")

    if sqlite:
        await connection.exec_driver_sql("INSERT INTO catalog_search (catalog_search) VALUES ('delete-all')")
        await connection.exec_driver_sql(
            f"INSERT INTO catalog_search (catalog_search, rank) VALUES ('hashsize', {_PENDING_BYTES})"  # noqa: S608
        )
        rows = ((position, *map(" ".join, of)) for position, of in enumerate(fields))
        await bulk.insert(session, "catalog_search", ("rowid", "name", "category", "description"), rows, indexed)
    else:
        await connection.execute(text("DELETE FROM catalog_search"))
        vectors = ((position, _vector(of)) for position, of in enumerate(fields))
        await bulk.insert(session, "catalog_search", ("rowid", "words"), vectors, indexed)
    progress.say("words")
    await connection.execute(text("DELETE FROM catalog_word"))
    words = await asyncio.to_thread(found.rows)
    await bulk.insert(session, "catalog_word", ("language", "kind", "key", "word"), words)
    if not sqlite:
        for table in ("catalog_product", "catalog_listing", "catalog_word", "catalog_search"):
            await connection.execute(text(f"ANALYZE {table}"))


class _Words:
    """The words of all texts by language, and how those that have accents are written."""

    def __init__(self) -> None:
        self._words: dict[str, set[str]] = {}
        self._written: dict[tuple[str, str], str] = {}

    def tokens(self, shown: str, language: str) -> list[str]:
        """The words of a text as they are indexed; notes them."""
        tokens = raw_words(shown)
        if not shown.isascii():
            tokens = [folded for raw in tokens if (folded := self._folded(raw, language))]
        self._words.setdefault(language, set()).update(tokens)
        return tokens if language == ENGLISH else [token(word, language) for word in tokens]

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Each word by each of its keys, in the order of the table's key: language, kind, key, word."""
        return sorted(
            (language, kind, key, word)
            for language, every in self._words.items()
            for word in every
            for kind, key in dict.fromkeys(keys(word, self._written.get((language, word), word), language))
        )

    def _folded(self, raw: str, language: str) -> str:
        folded = fold(raw)
        if folded != raw:
            # the writing with more accents tells the stemmer more
            self._written[language, folded] = max(self._written.get((language, folded), raw), raw)
        return folded


def _fields(
    products: Iterable[Listed], categories: Mapping[str, str], found: _Words
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The tokens of each field of each product: what is shown of it in any language."""
    translations = tuple(_texts().items())

    def every_language(english: str) -> list[str]:
        tokens = found.tokens(english, ENGLISH)
        for language, texts in translations:
            if (shown := texts.get(english)) is not None:
                tokens += found.tokens(shown, language)
        return tokens

    of_category = {slug: [*every_language(categories[slug]), category_token(slug)] for slug in categories}
    for product in products:
        name = every_language(product.name) + found.tokens(product.sku, ENGLISH)
        yield name, of_category[product.category], every_language(product.description)


def _vector(fields: Sequence[Sequence[str]]) -> str:
    """A `tsvector`: each word with its places and the weights of its fields."""
    places: dict[str, list[str]] = {}
    place = 0
    for weight, tokens in zip("ABC", fields, strict=True):
        for each in tokens:
            place = min(place + 1, _LAST_POSITION)
            places.setdefault(each, []).append(f"{place}{weight}")
        place += 1  # no phrase reaches from one field into the next
    return " ".join(f"'{each}':{','.join(at[:_MOST_PLACES])}" for each, at in places.items())
