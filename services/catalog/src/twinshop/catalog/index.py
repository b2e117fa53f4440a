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

from twinshop.catalog import bulk, ranks
from twinshop.catalog.analysis import ENGLISH, LANGUAGES, fold, raw_words
from twinshop.catalog.matching import FIELDS, category_token, lexeme, token
from twinshop.catalog.progress import Progress
from twinshop.catalog.vocabulary import keys
from twinshop.contracts.catalog import Sort
from twinshop.kit.collation import places_by_language

VERSION = "3"
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


def place_column(order: str) -> str:
    """Return the column of a product's place in one of the ranked orders."""
    return f"{order}_place"


def order_column(sort: Sort, language: str) -> str:
    """The one of `ORDERS` that a sort means for readers of a language."""
    if sort == "name":
        return f"name_{language if language in LANGUAGES else ENGLISH}"
    return "price_down" if sort == "-price" else sort


async def rebuild(session: AsyncSession, progress: Progress) -> None:
    """Derive everything from the products that are listed, in the order of their positions."""
    connection = await session.connection()
    columns = "sku, name, description, category, price, position, sku_key"
    statement = f"SELECT {columns} FROM catalog_product WHERE listed ORDER BY position, sku"  # noqa: S608
    rows = (await connection.execute(text(statement))).all()
    products = [Listed(*row[:5]) for row in rows]
    names = {row.slug: row.name for row in await connection.execute(text("SELECT slug, name FROM catalog_category"))}
    progress.say("lists")
    derived = ((row.sku, place, sku_key(row.sku)) for place, row in enumerate(rows))
    await _write_positions(
        session, sorted(new for new, row in zip(derived, rows, strict=True) if new[1:] != (row.position, row.sku_key))
    )
    orders = await asyncio.to_thread(_orders, products)
    await _write_lists(session, products, orders)
    progress.say("search index")
    await _write_search(session, products, names, await _write_ranks(session, products, orders), progress)


async def _write_positions(session: AsyncSession, changed: Sequence[tuple[str, int, str]]) -> None:
    """Number the products without gaps; those of a new catalogue are so already."""
    if not changed:
        return
    connection = await session.connection()
    columns = {"sku": "text PRIMARY KEY", "position": "integer", "sku_key": "text"}
    await bulk.temporary(session, "catalog_derived", columns, changed)
    await connection.execute(
        text(
            "UPDATE catalog_product SET position = d.position, sku_key = d.sku_key"
            " FROM catalog_derived AS d WHERE d.sku = catalog_product.sku"
        )
    )
    await connection.execute(text("DROP TABLE catalog_derived"))


async def _write_lists(session: AsyncSession, products: Sequence[Listed], orders: Mapping[str, Sequence[int]]) -> None:
    connection = await session.connection()
    await connection.execute(text("DELETE FROM catalog_place"))
    await bulk.insert(session, "catalog_place", ("scope", "place", *ORDERS), _places(orders, products))
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


async def _write_ranks(
    session: AsyncSession, products: Sequence[Listed], orders: Mapping[str, Sequence[int]]
) -> list[str]:
    """Write what searches count, and the prices of the buckets; return the words of all ranks of each product."""
    places = {order: _inverse(orders[order]) for order in ranks.RANKED}
    await (await session.connection()).execute(text("DELETE FROM catalog_facet"))
    facets = zip(
        range(len(products)),
        (product.category for product in products),
        (product.price for product in products),
        *places.values(),
        strict=True,
    )
    await bulk.insert(session, "catalog_facet", ("position", "category", "price", *map(place_column, places)), facets)
    prices = [products[position].price for position in orders["price"]]
    by_price = ranks.price_buckets(prices)
    lowest = dict(zip(reversed(by_price), reversed(prices), strict=True))
    await (await session.connection()).execute(text("DELETE FROM catalog_price"))
    await bulk.insert(session, "catalog_price", ("bucket", "lowest"), sorted(lowest.items()))
    in_order = [ranks.bucket_of(place, len(products)) for place in range(len(products))]
    words = []
    for order in ranks.RANKED:
        buckets = by_price if order == "price" else in_order
        words.append(ranks.words(order, [buckets[place] for place in places[order]]))
    return [*map(" ".join, zip(*words, strict=True))]


async def _write_search(
    session: AsyncSession,
    products: Sequence[Listed],
    categories: Mapping[str, str],
    ranked: Sequence[str],
    progress: Progress,
) -> None:
    connection = await session.connection()
    sqlite = connection.dialect.name == "sqlite"
    found = _Words()
    fields = _fields(products, categories, ranked, found)

    def indexed(done: int) -> None:
        progress.say(f"search index, {100 * done // max(1, len(products))} %")

    if sqlite:
        await connection.exec_driver_sql("INSERT INTO catalog_index (catalog_index) VALUES ('delete-all')")
        await connection.exec_driver_sql(
            f"INSERT INTO catalog_index (catalog_index, rank) VALUES ('hashsize', {_PENDING_BYTES})"  # noqa: S608
        )
        rows = ((position, _coded(of)) for position, of in enumerate(fields))
        await bulk.insert(session, "catalog_index", ("rowid", "words"), rows, indexed)
    else:
        await connection.execute(text("DELETE FROM catalog_index"))
        vectors = ((position, _vector(of)) for position, of in enumerate(fields))
        await bulk.insert(session, "catalog_index", ("rowid", "words"), vectors, indexed)
    progress.say("words")
    await connection.execute(text("DELETE FROM catalog_word"))
    words = await asyncio.to_thread(found.rows)
    await bulk.insert(session, "catalog_word", ("language", "kind", "key", "word"), words)
    if not sqlite:
        for table in ("catalog_product", "catalog_place", "catalog_facet", "catalog_word", "catalog_index"):
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
    products: Iterable[Listed], categories: Mapping[str, str], ranked: Iterable[str], found: _Words
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The tokens of each field of each product: what is shown of it in any language, and where it stands."""
    translations = tuple(_texts().items())

    def every_language(english: str) -> list[str]:
        tokens = found.tokens(english, ENGLISH)
        for language, texts in translations:
            if (shown := texts.get(english)) is not None:
                tokens += found.tokens(shown, language)
        return tokens

    of_category = {slug: [*every_language(categories[slug]), category_token(slug)] for slug in categories}
    for product, ranks_of in zip(products, ranked, strict=True):
        name = every_language(product.name) + found.tokens(product.sku, ENGLISH)
        yield name, [*of_category[product.category], *ranks_of.split()], every_language(product.description)


def _coded(fields: Sequence[Sequence[str]]) -> str:
    """The words of all fields as FTS5 takes them."""
    return " ".join(lexeme(each, field) for field, tokens in zip(FIELDS, fields, strict=True) for each in tokens)


def _vector(fields: Sequence[Sequence[str]]) -> str:
    """A `tsvector`: each word of each field with its places."""
    places: dict[str, list[str]] = {}
    place = 0
    for field, tokens in zip(FIELDS, fields, strict=True):
        for each in tokens:
            place = min(place + 1, _LAST_POSITION)
            places.setdefault(lexeme(each, field), []).append(str(place))
        place += 1  # no phrase reaches from one field into the next
    return " ".join(f"'{each}':{','.join(at[:_MOST_PLACES])}" for each, at in places.items())
