"""
Stock set aside, sold and given back.

Locks are taken in one order, so that no deadlock can occur: first the row of the order itself, then its products in
the order of their keys. What a line holds changes only under the lock of its product. That is PostgreSQL; on SQLite
the writing transaction is the one lock.

Reservations expire lazily: the next order for a product releases what expired reservations hold of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import ColumnElement, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.catalog.tables import LineRow, ProductRow, ReservationRow, insert_into
from twinshop.contracts.catalog import Reservation, StockLine, StockTotal
from twinshop.contracts.errors import Conflict, NotFound, OutOfStock


async def reserve(
    session: AsyncSession, order_id: str, lines: Sequence[StockLine], now: datetime, lasting: timedelta
) -> Reservation:
    until = now + lasting
    if await _claim(session, order_id, "reserved", until):
        products = await _locked(session, [line.sku for line in lines])
        if unknown := [line.sku for line in lines if line.sku not in products]:
            raise NotFound("A product of this order is no longer in the shop.", skus=list(unknown))
        rows = [
            LineRow(order_id=order_id, sku=line.sku, position=place, quantity=line.quantity)
            for place, line in enumerate(lines)
        ]
        await _hold(session, rows, products, now, until)
        session.add_all(rows)
        return Reservation(order_id=order_id, state="reserved", lines=tuple(lines), expires_at=until)
    return await _reserve_again(session, order_id, lines, now, until)


async def _reserve_again(
    session: AsyncSession, order_id: str, lines: Sequence[StockLine], now: datetime, until: datetime
) -> Reservation:
    """The reservation as it stands; one that has expired is renewed."""
    reservation = await _of(session, order_id)
    if reservation.state == "released":
        raise Conflict("The stock of this order was released before.", order_id=order_id)
    products = await _locked_for(session, order_id)
    rows = await _lines(session, order_id)
    if {row.sku: row.quantity for row in rows} != {line.sku: line.quantity for line in lines}:
        raise Conflict("This order has reserved other products.", order_id=order_id)
    if reservation.state == "reserved" and reservation.expires_at <= now:
        await _hold(session, rows, products, now, until)
        reservation.expires_at = until
    return _answer(reservation, rows)


async def commit(session: AsyncSession, order_id: str, now: datetime) -> Reservation:
    reservation = await session.get(ReservationRow, order_id, with_for_update=True)
    if reservation is None:
        raise NotFound("No stock is reserved for this order.", order_id=order_id)
    if reservation.state == "released":
        raise Conflict("The stock of this order was released before.", order_id=order_id)
    products = await _locked_for(session, order_id)
    rows = await _lines(session, order_id)
    if reservation.state == "reserved":
        await _hold(session, rows, products, now, reservation.expires_at)
        for row in rows:
            products[row.sku].on_hand -= row.quantity
        _let_go(rows, products)
        reservation.state = "committed"
    return _answer(reservation, rows)


async def lapse(session: AsyncSession, order_id: str, now: datetime) -> None:
    reservation = await session.get(ReservationRow, order_id, with_for_update=True)
    if reservation is None or reservation.state != "reserved":
        return
    products = await _locked_for(session, order_id)
    _let_go(await _lines(session, order_id), products)
    reservation.expires_at = min(reservation.expires_at, now)


async def held(session: AsyncSession, order_ids: Sequence[str], now: datetime) -> tuple[StockTotal, ...]:
    statement = (
        select(LineRow.sku, func.sum(col(LineRow.quantity)))
        .where(col(LineRow.order_id).in_(order_ids), col(LineRow.held_until) > now)
        .group_by(col(LineRow.sku))
        .order_by(col(LineRow.sku))
    )
    return tuple(StockTotal(sku=sku, quantity=int(pieces)) for sku, pieces in await session.exec(statement))


async def release(session: AsyncSession, order_id: str, now: datetime) -> Reservation:
    if await _claim(session, order_id, "released", now):
        return Reservation(order_id=order_id, state="released", lines=(), expires_at=now)
    reservation = await _of(session, order_id)
    if reservation.state == "committed":
        raise Conflict("The stock of this order is sold.", order_id=order_id)
    products = await _locked_for(session, order_id)
    rows = await _lines(session, order_id)
    _let_go(rows, products)
    reservation.state = "released"
    return _answer(reservation, rows)


async def _claim(session: AsyncSession, order_id: str, state: str, expires_at: datetime) -> bool:
    """Whether the order is new; then its row exists now, and is locked."""
    values = {"order_id": order_id, "state": state, "expires_at": expires_at}
    insert = insert_into(session, ReservationRow).values(values).on_conflict_do_nothing()
    return (await session.exec(insert.returning(col(ReservationRow.order_id)))).first() is not None


async def _of(session: AsyncSession, order_id: str) -> ReservationRow:
    return await session.get_one(ReservationRow, order_id, with_for_update=True)


async def _lines(session: AsyncSession, order_id: str) -> list[LineRow]:
    """To be read when the products are locked: before, another order may still give expired ones back."""
    statement = select(LineRow).where(col(LineRow.order_id) == order_id).order_by(col(LineRow.position))
    return list(await session.exec(statement))


async def _locked(session: AsyncSession, skus: Sequence[str]) -> dict[str, ProductRow]:
    return await _lock(session, col(ProductRow.sku).in_(skus))


async def _locked_for(session: AsyncSession, order_id: str) -> dict[str, ProductRow]:
    return await _lock(session, col(ProductRow.sku).in_(select(LineRow.sku).where(col(LineRow.order_id) == order_id)))


async def _lock(session: AsyncSession, which: ColumnElement[bool]) -> dict[str, ProductRow]:
    statement = select(ProductRow).where(which).order_by(col(ProductRow.sku)).with_for_update()
    return {product.sku: product for product in await session.exec(statement)}


async def _hold(
    session: AsyncSession, rows: Sequence[LineRow], products: Mapping[str, ProductRow], now: datetime, until: datetime
) -> None:
    """Make every line hold its pieces until then, or none: OutOfStock. Lines that hold theirs already keep them."""
    wanting = [row for row in rows if row.held_until is None]
    if wanting:
        await _give_back_expired(session, wanting, products, now)
    shortages: list[JsonValue] = []
    for row in wanting:
        available = products[row.sku].on_hand - products[row.sku].reserved
        if available < row.quantity:
            shortages.append({"sku": row.sku, "requested": row.quantity, "available": available})
        products[row.sku].reserved += row.quantity
    if shortages:
        raise OutOfStock("There is not enough left of some products.", shortages=shortages)
    for row in rows:
        row.held_until = until


async def _give_back_expired(
    session: AsyncSession, wanting: Sequence[LineRow], products: Mapping[str, ProductRow], now: datetime
) -> None:
    """Take from other orders what they hold past their time. Their rows stay: committing one tries to hold again."""
    statement = (
        update(LineRow)
        .where(
            col(LineRow.held_until) <= now,
            col(LineRow.sku).in_([row.sku for row in wanting]),
            col(LineRow.order_id) != wanting[0].order_id,
        )
        .values(held_until=None)
        .returning(col(LineRow.sku), col(LineRow.quantity))
        .execution_options(synchronize_session=False)  # lines of other orders are in no session
    )
    for sku, quantity in await session.exec(statement):
        products[sku].reserved -= quantity


def _let_go(rows: Iterable[LineRow], products: Mapping[str, ProductRow]) -> None:
    for row in rows:
        if row.held_until is not None:
            products[row.sku].reserved -= row.quantity
            row.held_until = None


def _answer(reservation: ReservationRow, rows: Sequence[LineRow]) -> Reservation:
    return Reservation.model_validate(
        {
            "order_id": reservation.order_id,
            "state": reservation.state,
            "lines": tuple(StockLine(sku=row.sku, quantity=row.quantity) for row in rows),
            "expires_at": reservation.expires_at,
        }
    )
