"""The data file becomes categories and products; stock that is there already is never touched."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.folding import fold
from twinshop.catalog.tables import CatalogTable, CategoryRow, ProductRow, SeedRow, insert_into
from twinshop.contracts.values import MAX_AMOUNT, MAX_LINES, MAX_QUANTITY, Sku, Slug, Value
from twinshop.kit.database import Database

log = logging.getLogger(__name__)

MAX_STOCK = 1_000_000
"""The most pieces of one product."""
MAX_NAME = 200
"""Of a product: orders keep so much of it. Its price is such that the fullest cart has a total."""

SECONDS = 60
_SEED_ID = 1
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
    products: tuple[ProductData, ...]

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

    Products that have left the file stay as they are: orders and reservations refer to them.
    """
    content = await asyncio.to_thread(path.read_bytes)
    digest = sha256(content).hexdigest()
    async with database.read() as session:
        known = await session.get(SeedRow, _SEED_ID)
    if known is not None and known.digest == digest:
        return
    data = CatalogueData.model_validate_json(content)
    async with database.write(SECONDS) as session:  # others may be seeding, too
        if await _noted_by_another(session, digest):
            return
        await _upsert(session, CategoryRow, "slug", _categories(data))
        await _upsert(session, ProductRow, "sku", _products(data), keep={"initial", "on_hand", "reserved"})
    log.info("catalogue seeded", extra={"categories": len(data.categories), "products": len(data.products)})


async def _noted_by_another(session: AsyncSession, digest: str) -> bool:
    """Note the digest; with it comes the lock that makes processes which start together seed in turn."""
    insert = insert_into(session, SeedRow).values(id=_SEED_ID, digest="").on_conflict_do_nothing()
    await (await session.connection()).execute(insert)
    noted = await session.get_one(SeedRow, _SEED_ID, with_for_update=True)
    if noted.digest == digest:
        return True
    noted.digest = digest
    return False


def _categories(data: CatalogueData) -> list[dict[str, object]]:
    return [{**category.model_dump(), "position": place} for place, category in enumerate(data.categories)]


def _products(data: CatalogueData) -> list[dict[str, object]]:
    """In the order of their keys, which is how orders lock them, too: nobody waits in a circle."""
    names = {category.slug: category.name for category in data.categories}
    rows = []
    for place, product in enumerate(data.products):
        stock = {"initial": product.stock, "on_hand": product.stock, "reserved": 0}
        folded = fold("\n".join((product.name, product.description, names[product.category])))
        texts = {"folded_name": fold(product.name), "folded_text": folded}
        rows.append({**product.model_dump(exclude={"stock"}), "position": place, **stock, **texts})
    return sorted(rows, key=lambda row: str(row["sku"]))


async def _upsert(
    session: AsyncSession,
    table: type[CatalogTable],
    key: str,
    rows: Sequence[Mapping[str, object]],
    keep: set[str] | None = None,
) -> None:
    """Insert the rows, or update all columns of those that are there but the ones to keep."""
    if not rows:
        return
    insert = insert_into(session, table)
    updated = {name: insert.excluded[name] for name in rows[0] if name != key and name not in (keep or set())}
    statement = insert.on_conflict_do_update(index_elements=[key], set_=updated)
    await (await session.connection()).execute(statement, rows)
