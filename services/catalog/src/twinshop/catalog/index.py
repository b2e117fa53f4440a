"""What is derived from the products: the lists that people page through, the kept counts, the index of the search."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog import bulk
from twinshop.catalog.analysis import ENGLISH, LANGUAGES, fold, raw_words
from twinshop.catalog.matching import category_token, token
from twinshop.catalog.progress import Progress
from twinshop.catalog.vocabulary import keys
from twinshop.kit.collation import places

VERSION = "1"
"""Of all that this module derives: another one makes the next start derive it again."""
TEXTS = Path(__file__).parent / "data" / "texts"
"""What the shop shows in each language in place of the English texts; a copy of the translator's memory."""

_SORTED_ALIKE = ("en", "fr", "de")
"""Languages without an order of their own (`collation`)."""
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


def listing(sort: str, category: str | None, language: str = ENGLISH) -> str:
    """The name of the list of a sort: of all products or those of a category."""
    name = f"name:{language if language in LANGUAGES else ENGLISH}" if sort == "name" else sort
    return name if category is None else f"{name}/{category}"


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
    await _write_search(session, products, names)


async def _write_lists(session: AsyncSession, products: Sequence[Listed]) -> None:
    connection = await session.connection()
    ordered = await asyncio.to_thread(_orders, products)
    by_name = [ordered[f"name:{language}"] for language in LANGUAGES]
    named: list[list[int]] = [[0] * len(products) for _ in LANGUAGES]
    for column, order in zip(named, by_name, strict=True):
        for place, position in enumerate(order):
            column[position] = place
    derived = {"position": "integer", "sku_key": "text", **{f"name_{language}": "integer" for language in LANGUAGES}}
    rows = (
        (product.sku, position, sku_key(product.sku), *(column[position] for column in named))
        for position, product in enumerate(products)
    )
    await bulk.temporary(session, "catalog_place", {"sku": "text PRIMARY KEY", **derived}, rows)
    changes = ", ".join(f"{column} = found.{column}" for column in derived)
    await connection.execute(
        text(f"UPDATE catalog_product SET {changes} FROM catalog_place AS found WHERE found.sku = catalog_product.sku")  # noqa: S608
    )
    await connection.execute(text("DROP TABLE catalog_place"))
    await connection.execute(text("DELETE FROM catalog_listing"))
    await bulk.insert(session, "catalog_listing", ("list", "place", "position"), _places(ordered, products))
    await connection.execute(
        text(
            "UPDATE catalog_category SET products = (SELECT count(*) FROM catalog_product"
            " WHERE catalog_product.category = catalog_category.slug AND catalog_product.listed)"
        )
    )


def _orders(products: Sequence[Listed]) -> dict[str, list[int]]:
    """The positions of the products in the order of each list of all products."""
    every = range(len(products))

    def order(key: Sequence[int]) -> list[int]:
        return sorted(every, key=lambda position: (key[position], products[position].sku))

    orders = {
        "featured": list(every),
        "price": order([product.price for product in products]),
        "-price": order([-product.price for product in products]),
    }
    names = {
        language: [_texts().get(language, {}).get(product.name, product.name) for product in products]
        for language in LANGUAGES
    }
    # All at once where languages sort alike: comparing is most of the work.
    alike = places({name for language in _SORTED_ALIKE for name in names[language]}, ENGLISH)
    for language in LANGUAGES:
        place = alike if language in _SORTED_ALIKE else places(set(names[language]), language)
        orders[f"name:{language}"] = order([place[name] for name in names[language]])
    return orders


def _places(orders: Mapping[str, Sequence[int]], products: Sequence[Listed]) -> Iterator[tuple[str, int, int]]:
    """Rows of all lists in the order of their keys, so that the table grows at its end."""
    for name in sorted(orders):
        for place, position in enumerate(orders[name]):
            yield name, place, position
    for name in sorted(orders):
        by_category: dict[str, list[int]] = {}
        for position in orders[name]:
            by_category.setdefault(products[position].category, []).append(position)
        for category in sorted(by_category):
            for place, position in enumerate(by_category[category]):
                yield f"{name}/{category}", place, position


async def _write_search(session: AsyncSession, products: Sequence[Listed], categories: Mapping[str, str]) -> None:
    connection = await session.connection()
    sqlite = connection.dialect.name == "sqlite"
    found: dict[tuple[str, str], str] = {}
    fields = _fields(products, categories, found)
    if sqlite:
        await connection.exec_driver_sql("INSERT INTO catalog_search (catalog_search) VALUES ('delete-all')")
        rows = ((position, *(" ".join(tokens) for tokens in of)) for position, of in enumerate(fields))
        await bulk.insert(session, "catalog_search", ("rowid", "name", "category", "description"), rows)
    else:
        await connection.execute(text("DELETE FROM catalog_search"))
        vectors = ((position, _vector(of)) for position, of in enumerate(fields))
        await bulk.insert(session, "catalog_search", ("rowid", "words"), vectors)
    await connection.execute(text("DELETE FROM catalog_word"))
    words = sorted(
        (language, kind, key, word)
        for (language, word), raw in found.items()
        for kind, key in dict.fromkeys(keys(word, raw, language))
    )
    await bulk.insert(session, "catalog_word", ("language", "kind", "key", "word"), words)
    if not sqlite:
        for table in ("catalog_product", "catalog_listing", "catalog_word", "catalog_search"):
            await connection.execute(text(f"ANALYZE {table}"))


def _fields(
    products: Iterable[Listed], categories: Mapping[str, str], found: dict[tuple[str, str], str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The tokens of each field of each product; notes the words and how they are written."""
    kept: dict[str, list[str]] = {}

    def every_language(english: str) -> list[str]:
        if (tokens := kept.get(english)) is None:
            tokens = _tokens(english, ENGLISH, found)
            for language, texts in _texts().items():
                if (shown := texts.get(english)) is not None:
                    tokens += _tokens(shown, language, found)
            kept[english] = tokens
        return tokens

    for product in products:
        sku = _tokens(product.sku, ENGLISH, found)
        category = [*every_language(categories[product.category]), category_token(product.category)]
        yield [*every_language(product.name), *sku], category, every_language(product.description)


def _tokens(shown: str, language: str, found: dict[tuple[str, str], str]) -> list[str]:
    tokens = []
    for raw in raw_words(shown):
        if folded := fold(raw):
            # the writing with more accents tells the stemmer more
            found[language, folded] = max(found.get((language, folded), raw), raw)
            tokens.append(token(folded, language))
    return tokens


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
