"""The stock of each product and the reservations, entry by entry."""

from sqlmodel import col, select

from twinshop.catalog.tables import LineRow, ProductRow, ReservationRow
from twinshop.contracts.books import CatalogBooks, ProductEntry, ReservationEntry
from twinshop.kit.database import Database

SECONDS = 60
"""All reservations take longer than what a visitor asks for."""


async def books(database: Database) -> CatalogBooks:
    """Three statements: of the same moment only while nobody buys."""
    async with database.read(SECONDS) as session:
        products = (await session.exec(select(ProductRow).order_by(col(ProductRow.position)))).all()
        reservations = (await session.exec(select(ReservationRow).order_by(col(ReservationRow.order_id)))).all()
        lines: dict[str, dict[str, int]] = {}
        for line in await session.exec(select(LineRow)):
            lines.setdefault(line.order_id, {})[line.sku] = line.quantity
    return CatalogBooks(
        products=tuple(
            ProductEntry(sku=row.sku, initial=row.initial, on_hand=row.on_hand, reserved=row.reserved)
            for row in products
        ),
        reservations=tuple(
            ReservationEntry(order_id=row.order_id, state=row.state, lines=lines.get(row.order_id, {}))
            for row in reservations
        ),
    )
