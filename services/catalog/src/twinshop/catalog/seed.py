"""The data file becomes categories and products; stock that is there already is never touched."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog import bulk, index
from twinshop.catalog.progress import Progress
from twinshop.catalog.tables import SeedRow, insert_into
from twinshop.contracts.values import MAX_AMOUNT, MAX_LINES, MAX_QUANTITY, Sku, Slug, Value
from twinshop.kit.database import Database

log = logging.getLogger(__name__)

MAX_STOCK = 1_000_000
"""The most pieces of one product."""
MAX_PRODUCTS = 1_000_000
"""Of a catalogue."""
MAX_NAME = 200
"""Of a product: orders keep so much of it. Its price is such that the fullest cart has a total."""

SECONDS = 3600
"""Longest import, other imports that it waits for included: of a million products it takes minutes."""
IMPORTED = "imported"
"""How the digest begins while the products are imported ones."""
_SEED_ID = 1
_INCOMING = "catalog_incoming"
_CATEGORY = {**dict.fromkeys(("slug", "name", "description", "picture"), "text"), "position": "integer"}
_PRODUCT = {
    **dict.fromkeys(("sku", "name", "description", "category"), "text"),
    "price": "bigint",
    "picture": "text",
    "stock": "integer",
    "position": "integer",
    "sku_key": "text",
}
_UPSERT_CATEGORIES = """
    INSERT INTO catalog_category (slug, name, description, picture, position, listed, products)
    SELECT slug, name, description, picture, position, true, 0 FROM catalog_incoming WHERE true
    ON CONFLICT (slug) DO UPDATE SET name = excluded.name, description = excluded.description,
        picture = excluded.picture, position = excluded.position, listed = true
"""
# In the order of the keys, in which orders lock products too, so that no deadlock can occur. The stock of an existing
# product is never touched.
_UPSERT_PRODUCTS = """
    INSERT INTO catalog_product (sku, name, description, category, price, picture, position, listed,
        initial, on_hand, reserved, sku_key, name_en, name_es, name_ca, name_fr, name_de)
    SELECT sku, name, description, category, price, picture, position, true, stock, stock, 0, sku_key, 0, 0, 0, 0, 0
    FROM catalog_incoming WHERE true ORDER BY sku
    ON CONFLICT (sku) DO UPDATE SET name = excluded.name, description = excluded.description,
        category = excluded.category, price = excluded.price, picture = excluded.picture,
        position = excluded.position, listed = true, sku_key = excluded.sku_key
"""
_Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00]+$")]  # PostgreSQL stores no NUL


class CategoryData(Value):
    slug: Slug
    name: _Text
    description: _Text
    picture: _Text


class ProductData(Value):
    """`price` in cents; `stock` counts only when the product is new."""

    sku: Sku
    name: Annotated[_Text, StringConstraints(max_length=MAX_NAME)]
    description: _Text
    category: Slug
    price: int = Field(ge=0, le=MAX_AMOUNT // (MAX_QUANTITY * MAX_LINES))
    stock: int = Field(ge=0, le=MAX_STOCK)
    picture: _Text


class CatalogueData(Value):
    """The data file. Its order is the order in which the shop features categories and products."""

    categories: tuple[CategoryData, ...]
    products: tuple[ProductData, ...] = Field(max_length=MAX_PRODUCTS)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        slugs = Counter(category.slug for category in self.categories)
        skus = Counter(product.sku for product in self.products)
        if twice := [key for key, count in (slugs + skus).items() if count > 1]:
            raise ValueError(f"listed more than once: {', '.join(twice)}")
        if unknown := sorted({product.category for product in self.products} - slugs.keys()):
            raise ValueError(f"products in unknown categories: {', '.join(unknown)}")
        return self


async def seed(database: Database, path: Path) -> None:
    """
    Bring categories and products up to the data file, in one transaction; nothing if the file is known already.

    Products that have left the file stay as they are: orders and reservations refer to them. Products that somebody
    imported (`replace`) stay, too; what is derived from them is derived again if this version derives something else.
    """
    content = await asyncio.to_thread(path.read_bytes)
    texts = await asyncio.to_thread(index.texts)
    digest = await asyncio.to_thread(_digest, content, texts)
    imported = _imported(texts)
    async with database.read() as session:
        known = await session.get(SeedRow, _SEED_ID)
    if known is not None and known.digest in {digest, imported}:
        return
    if known is not None and known.digest.startswith(IMPORTED):
        async with database.write(SECONDS) as session:
            await _take_time(session)
            if not await _noted_by_another(session, imported):
                await index.rebuild(session, Progress(0))
        return
    data = CatalogueData.model_validate_json(content)
    async with database.write(SECONDS) as session:  # others may be seeding, too
        await _take_time(session)
        if await _noted_by_another(session, digest):
            return
        await _store(session, data, Progress(len(data.products)))
    log.info("catalogue seeded", extra={"categories": len(data.categories), "products": len(data.products)})


async def replace(database: Database, data: CatalogueData, say: Callable[[str], None]) -> None:
    """
    Replace the catalogue with imported products, in one transaction.

    Products and categories that are not among them are no longer listed, sold or found. Stock of a product that is
    there already stays as it is.
    """
    progress = Progress(len(data.products), say)
    async with database.write(SECONDS) as session:
        await _take_time(session)
        await _noted_by_another(session, _imported(index.texts()))
        connection = await session.connection()
        await connection.execute(text("UPDATE catalog_product SET listed = false, position = -1"))
        await connection.execute(text("UPDATE catalog_category SET listed = false"))
        await _store(session, data, progress)


def _digest(content: bytes, texts: bytes) -> str:
    """Of all that the stored catalogue is made from."""
    return sha256(b"\0".join((content, texts, index.VERSION.encode()))).hexdigest()


def _imported(texts: bytes) -> str:
    """What stands for the digest while the products come from a file that was imported."""
    return f"{IMPORTED}:{_digest(b'', texts)}"


async def _take_time(session: AsyncSession) -> None:
    """An import may take longer than a visitor's question, and its transaction rests while it sorts and indexes."""
    connection = await session.connection()
    if connection.dialect.name != "sqlite":
        for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(text(f"SET LOCAL {limit} = 0"))


async def _noted_by_another(session: AsyncSession, digest: str) -> bool:
    """Note the digest; with it comes the lock that makes processes which start together seed in turn."""
    insert = insert_into(session, SeedRow).values(id=_SEED_ID, digest="").on_conflict_do_nothing()
    await (await session.connection()).execute(insert)
    noted = await session.get_one(SeedRow, _SEED_ID, with_for_update=True)
    if noted.digest == digest:
        return True
    noted.digest = digest
    await session.flush()
    return False


async def _store(session: AsyncSession, data: CatalogueData, progress: Progress) -> None:
    progress.say("products")
    connection = await session.connection()
    categories = (
        (item.slug, item.name, item.description, item.picture, place) for place, item in enumerate(data.categories)
    )
    await bulk.temporary(session, _INCOMING, _CATEGORY, categories)
    await connection.execute(text(_UPSERT_CATEGORIES))
    # Products that have left the file come after those that are in it.
    await connection.execute(
        text("UPDATE catalog_product SET position = position + :count WHERE listed"), {"count": MAX_PRODUCTS}
    )
    products = (
        (
            *(item.sku, item.name, item.description, item.category, item.price, item.picture, item.stock),
            *(place, index.sku_key(item.sku)),
        )
        for place, item in enumerate(data.products)
    )
    await bulk.temporary(session, _INCOMING, _PRODUCT, products)
    await connection.execute(text(_UPSERT_PRODUCTS))
    await connection.execute(text(f"DROP TABLE {_INCOMING}"))
    await index.rebuild(session, progress)
