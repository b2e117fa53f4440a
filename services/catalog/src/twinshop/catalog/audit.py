"""The stock of all products added up."""

from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.products import EXPIRED, NOW
from twinshop.catalog.tables import LineRow, ProductRow, ReservationRow
from twinshop.contracts.catalog import StockAudit


async def audit(session: AsyncSession, now: datetime) -> StockAudit:
    """
    What the books say, as the shop sees it: an expired reservation is neither open nor reserved.

    `sold` is counted from the orders, not from the products, so that the sums check each other. One statement, so that
    all of them are of the same moment even while orders come in.
    """
    reserved = col(ProductRow.reserved) - func.coalesce(EXPIRED.c.pieces, 0)
    statement = select(
        func.coalesce(func.sum(col(ProductRow.initial)), 0).label("initial"),
        func.coalesce(func.sum(col(ProductRow.on_hand)), 0).label("on_hand"),
        func.coalesce(func.sum(reserved), 0).label("reserved"),
        func.coalesce(func.min(col(ProductRow.on_hand) - reserved), 0).label("lowest_available"),
        _sold().label("sold"),
        _open().label("open_reservations"),
    ).join_from(ProductRow, EXPIRED, EXPIRED.c.sku == col(ProductRow.sku), isouter=True)
    row = (await (await session.connection()).execute(statement, {"now": now})).one()
    return StockAudit.model_validate(dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's public name


def _sold() -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(col(LineRow.quantity)), 0))
        .join_from(LineRow, ReservationRow, col(ReservationRow.order_id) == col(LineRow.order_id))
        .where(col(ReservationRow.state) == "committed")
        .scalar_subquery()
    )


def _open() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(ReservationRow)
        .where(col(ReservationRow.state) == "reserved", col(ReservationRow.expires_at) > NOW)
        .scalar_subquery()
    )
