"""
Stock set aside, sold and given back.

Locks are taken in one order, so that no deadlock can occur: first the row of the order itself, then its products in
the order of their keys. What a line holds changes only under the lock of its product. That is PostgreSQL; on SQLite
the writing transaction is the one lock.

Reservations expire lazily: the next order for a product releases what expired reservations hold of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import JsonValue
from sqlalchemy import BindParameter, bindparam, func, insert, select, update
from sqlmodel import col

from twinshop.catalog.tables import LineRow, ProductRow, ReservationRow
from twinshop.contracts.catalog import Reservation, StockLine, StockTotal
from twinshop.contracts.errors import Conflict, NotFound, OutOfStock
from twinshop.kit.columns import UtcDateTime
from twinshop.kit.database import Reader, Writer
from twinshop.kit.rows import Rows


class StoredReservation(NamedTuple):
    """A row of `ReservationRow`."""

    order_id: str
    state: Literal["reserved", "committed", "released"]
    expires_at: datetime


@dataclass(slots=True)
class _Line:
    """A line of the order, as it is to be: it is stored at the end."""

    sku: str
    quantity: int
    held_until: datetime | None = None


@dataclass(slots=True)
class _Shelf:
    """The stock of a product that is locked, as it is to be: it is stored at the end."""

    sku: str
    on_hand: int
    reserved: int


RESERVATIONS = Rows(ReservationRow, StoredReservation)

_NOW = bindparam("now", type_=UtcDateTime)
_OF_ORDER = col(LineRow.order_id) == bindparam("order")
_SKUS: BindParameter[Any] = bindparam("skus", expanding=True)
_SHELVES = select(col(ProductRow.sku), col(ProductRow.on_hand), col(ProductRow.reserved)).order_by(col(ProductRow.sku))
_LOCK = _SHELVES.where(col(ProductRow.sku).in_(_SKUS)).with_for_update()
_LOCK_OF_ORDER = _SHELVES.where(col(ProductRow.sku).in_(select(col(LineRow.sku)).where(_OF_ORDER))).with_for_update()
_STORE_SHELF = (
    update(ProductRow)
    .where(col(ProductRow.sku) == bindparam("key"))
    .values(on_hand=bindparam("on_hand"), reserved=bindparam("reserved"))
)
_LINES = (
    select(col(LineRow.sku), col(LineRow.quantity), col(LineRow.held_until))
    .where(_OF_ORDER)
    .order_by(col(LineRow.position))
)
_ADD_LINE = insert(LineRow)
_HOLD_LINES = update(LineRow).where(_OF_ORDER).values(held_until=bindparam("until", type_=UtcDateTime))
_GIVE_BACK = (
    update(LineRow)
    .where(col(LineRow.held_until) <= _NOW, col(LineRow.sku).in_(_SKUS), col(LineRow.order_id) != bindparam("order"))
    .values(held_until=None)
    .returning(col(LineRow.sku), col(LineRow.quantity))
)
_HELD = (
    select(col(LineRow.sku), func.sum(col(LineRow.quantity)).label("pieces"))
    .where(col(LineRow.order_id).in_(bindparam("orders", expanding=True)), col(LineRow.held_until) > _NOW)
    .group_by(col(LineRow.sku))
    .order_by(col(LineRow.sku))
)


async def reserve(
    writer: Writer, order_id: str, lines: Sequence[StockLine], now: datetime, lasting: timedelta
) -> Reservation:
    until = now + lasting
    reservation = StoredReservation(order_id, "reserved", until)
    if not await RESERVATIONS.insert(writer, reservation):
        return await _reserve_again(writer, order_id, lines, now, until)
    shelves = await _locked(writer, [line.sku for line in lines])
    if unknown := [line.sku for line in lines if line.sku not in shelves]:
        raise NotFound("A product of this order is no longer in the shop.", skus=list(unknown))
    held_lines = [_Line(line.sku, line.quantity) for line in lines]
    await _hold(writer, order_id, held_lines, shelves, now, until)
    await writer.each(
        _ADD_LINE,
        [
            {
                "order_id": order_id,
                "sku": line.sku,
                "position": place,
                "quantity": line.quantity,
                "held_until": line.held_until,
            }
            for place, line in enumerate(held_lines)
        ],
    )
    await _store_shelves(writer, shelves)
    return _answer(reservation, held_lines)


async def _reserve_again(
    writer: Writer, order_id: str, lines: Sequence[StockLine], now: datetime, until: datetime
) -> Reservation:
    """The reservation as it stands; one that has expired is renewed."""
    reservation = await _of(writer, order_id)
    if reservation.state == "released":
        raise Conflict("The stock of this order was released before.", order_id=order_id)
    shelves = await _locked_for(writer, order_id)
    held_lines = await _lines(writer, order_id)
    if {line.sku: line.quantity for line in held_lines} != {line.sku: line.quantity for line in lines}:
        raise Conflict("This order has reserved other products.", order_id=order_id)
    if reservation.state == "reserved" and reservation.expires_at <= now:
        await _hold(writer, order_id, held_lines, shelves, now, until)
        await _store(writer, shelves, order_id, until)
        reservation = await RESERVATIONS.change(writer, reservation, expires_at=until)
    return _answer(reservation, held_lines)


async def commit(writer: Writer, order_id: str, now: datetime) -> Reservation:
    reservation = await RESERVATIONS.locked(writer, order_id)
    if reservation is None:
        raise NotFound("No stock is reserved for this order.", order_id=order_id)
    if reservation.state == "released":
        raise Conflict("The stock of this order was released before.", order_id=order_id)
    shelves = await _locked_for(writer, order_id)
    lines = await _lines(writer, order_id)
    if reservation.state == "reserved":
        await _hold(writer, order_id, lines, shelves, now, reservation.expires_at)
        for line in lines:
            shelves[line.sku].on_hand -= line.quantity
        _let_go(lines, shelves)
        await _store(writer, shelves, order_id, None)
        reservation = await RESERVATIONS.change(writer, reservation, state="committed")
    return _answer(reservation, lines)


async def lapse(writer: Writer, order_id: str, now: datetime) -> None:
    reservation = await RESERVATIONS.locked(writer, order_id)
    if reservation is None or reservation.state != "reserved":
        return
    shelves = await _locked_for(writer, order_id)
    _let_go(await _lines(writer, order_id), shelves)
    await _store(writer, shelves, order_id, None)
    await RESERVATIONS.change(writer, reservation, expires_at=min(reservation.expires_at, now))


async def held(reader: Reader, order_ids: Sequence[str], now: datetime) -> tuple[StockTotal, ...]:
    found = await reader.rows(_HELD, {"orders": order_ids, "now": now})
    return tuple(StockTotal(sku=row.sku, quantity=int(row.pieces)) for row in found)


async def release(writer: Writer, order_id: str, now: datetime) -> Reservation:
    reservation = StoredReservation(order_id, "released", now)
    if await RESERVATIONS.insert(writer, reservation):
        return _answer(reservation, ())
    reservation = await _of(writer, order_id)
    if reservation.state == "committed":
        raise Conflict("The stock of this order is sold.", order_id=order_id)
    shelves = await _locked_for(writer, order_id)
    lines = await _lines(writer, order_id)
    _let_go(lines, shelves)
    await _store(writer, shelves, order_id, None)
    reservation = await RESERVATIONS.change(writer, reservation, state="released")
    return _answer(reservation, lines)


async def _of(writer: Writer, order_id: str) -> StoredReservation:
    reservation = await RESERVATIONS.locked(writer, order_id)
    assert reservation is not None  # it was there before, and is never deleted
    return reservation


async def _lines(reader: Reader, order_id: str) -> list[_Line]:
    """To be read when the products are locked: before, another order may still give expired ones back."""
    return [_Line(*row) for row in await reader.rows(_LINES, {"order": order_id})]


async def _locked(writer: Writer, skus: Sequence[str]) -> dict[str, _Shelf]:
    return {row.sku: _Shelf(*row) for row in await writer.rows(_LOCK, {"skus": skus})}


async def _locked_for(writer: Writer, order_id: str) -> dict[str, _Shelf]:
    return {row.sku: _Shelf(*row) for row in await writer.rows(_LOCK_OF_ORDER, {"order": order_id})}


async def _hold(
    writer: Writer,
    order_id: str,
    lines: Sequence[_Line],
    shelves: Mapping[str, _Shelf],
    now: datetime,
    until: datetime,
) -> None:
    """Make every line hold its pieces until then, or none: OutOfStock. Lines that hold theirs already keep them."""
    wanting = [line for line in lines if line.held_until is None]
    if wanting:
        await _give_back_expired(writer, order_id, wanting, shelves, now)
    shortages: list[JsonValue] = []
    for line in wanting:
        available = shelves[line.sku].on_hand - shelves[line.sku].reserved
        if available < line.quantity:
            shortages.append({"sku": line.sku, "requested": line.quantity, "available": available})
        shelves[line.sku].reserved += line.quantity
    if shortages:
        raise OutOfStock("There is not enough left of some products.", shortages=shortages)
    for line in lines:
        line.held_until = until


async def _give_back_expired(
    writer: Writer, order_id: str, wanting: Sequence[_Line], shelves: Mapping[str, _Shelf], now: datetime
) -> None:
    """Take from other orders what they hold past their time. Their rows stay: committing one tries to hold again."""
    skus = [line.sku for line in wanting]
    for sku, quantity in await writer.rows(_GIVE_BACK, {"now": now, "skus": skus, "order": order_id}):
        shelves[sku].reserved -= quantity


def _let_go(lines: Iterable[_Line], shelves: Mapping[str, _Shelf]) -> None:
    for line in lines:
        if line.held_until is not None:
            shelves[line.sku].reserved -= line.quantity
            line.held_until = None


async def _store(writer: Writer, shelves: Mapping[str, _Shelf], order_id: str, held_until: datetime | None) -> None:
    """Store the stock of the products and how long the order's lines hold theirs, which is the same for all of them."""
    await _store_shelves(writer, shelves)
    await writer.rows(_HOLD_LINES, {"order": order_id, "until": held_until})


async def _store_shelves(writer: Writer, shelves: Mapping[str, _Shelf]) -> None:
    await writer.each(
        _STORE_SHELF,
        [{"key": shelf.sku, "on_hand": shelf.on_hand, "reserved": shelf.reserved} for shelf in shelves.values()],
    )


def _answer(reservation: StoredReservation, lines: Sequence[_Line]) -> Reservation:
    return Reservation(
        order_id=reservation.order_id,
        state=reservation.state,
        lines=tuple(StockLine(sku=line.sku, quantity=line.quantity) for line in lines),
        expires_at=reservation.expires_at,
    )
