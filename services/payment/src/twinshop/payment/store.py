"""The ledger's rows: how they are found, locked, and turned into the values of the port."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ScalarSelect, and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.contracts.errors import NotFound
from twinshop.contracts.payment import CardSummary, Order, OrderDraft, OrderPayment
from twinshop.payment.tables import ChargeRow, OrderRow

ALPHABET = "234679ACDEFGHJKMNPQRTUVWXY"
"""Of order numbers, which people read out: nothing that looks like something else (0 O, 1 I L, 5 S, 8 B, Z 2)."""
FOUND_AT_MOST = 100
STATES = ("open", "charged", "paid", "cancelled")


def new_order(draft: OrderDraft, now: datetime) -> OrderRow:
    stored = draft.model_dump(mode="json")
    name = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return OrderRow(
        id=secrets.token_hex(16),
        number=f"TW-{name[:4]}-{name[4:]}",
        idempotency_key=draft.idempotency_key,
        fingerprint=draft.fingerprint,
        shopper_id=draft.shopper_id,
        cart_id=draft.cart_id,
        state="open",
        lines=stored["lines"],
        total=draft.total.amount,
        delivery=stored["delivery"],
        language=draft.language,
        created_at=now,
        updated_at=now,
    )


def as_order(row: OrderRow, charge: ChargeRow | None) -> Order:
    card = None if row.card_last4 is None else {"brand": row.card_brand, "last4": row.card_last4}
    same = {"id", "number", "state", "closed", "shopper_id", "cart_id", "lines", "delivery", "language", "failure"}
    return Order.model_validate(
        {
            **row.model_dump(include=same | {"created_at", "updated_at"}),
            "total": {"amount": row.total},
            "card": card,
            "payment": _payment(row, charge),
        }
    )


def _payment(order: OrderRow, charge: ChargeRow | None) -> OrderPayment:
    """What the ledger knows of the order's money: the charge's state, and whether it is to be given back."""
    if charge is None or charge.state in {"declined", "voided"}:
        return OrderPayment(state="not-charged")
    if charge.state == "refunded":
        return OrderPayment(state="refunded", refunded_at=charge.updated_at)
    if charge.state == "pending":
        return OrderPayment(state="unknown")
    return OrderPayment(state="refunding" if order.state == "cancelled" else "charged")


def note_card(row: OrderRow, card: CardSummary | None) -> None:
    if card is not None:
        row.card_brand, row.card_last4 = card.brand, card.last4


async def by_id(session: AsyncSession, order_id: str) -> tuple[OrderRow, ChargeRow | None]:
    return await _by_id(session, order_id, lock=False)


async def locked(session: AsyncSession, order_id: str) -> tuple[OrderRow, ChargeRow | None]:
    """
    An order to change, with its charge: others that change either of them wait.

    SQLite knows no row locks and needs none: there, a writing transaction is alone.
    """
    return await _by_id(session, order_id, lock=True)


async def _by_id(session: AsyncSession, order_id: str, *, lock: bool) -> tuple[OrderRow, ChargeRow | None]:
    order = await session.get(OrderRow, order_id, with_for_update=lock)
    if order is None:
        raise NotFound("There is no such order.")
    return order, await session.get(ChargeRow, order_id)


async def by_key(session: AsyncSession, shopper_id: str, key: str, *, lock: bool = False) -> OrderRow | None:
    query = select(OrderRow).where(col(OrderRow.shopper_id) == shopper_id, col(OrderRow.idempotency_key) == key)
    return (await session.exec(query.with_for_update() if lock else query)).one_or_none()


async def charge_of(session: AsyncSession, order: OrderRow) -> ChargeRow | None:
    return await session.get(ChargeRow, order.id)


async def with_charges(session: AsyncSession, orders: Sequence[OrderRow]) -> tuple[Order, ...]:
    """The orders as values, their charges found in one statement."""
    found = await session.exec(select(ChargeRow).where(col(ChargeRow.order_id).in_([order.id for order in orders])))
    charges = {charge.order_id: charge for charge in found}
    return tuple(as_order(order, charges.get(order.id)) for order in orders)


async def lock_cart(session: AsyncSession, cart_id: str) -> None:
    """Until the end of the transaction no other process opens an order of this cart. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(cart_id, 0))))


async def unfinished_of_cart(session: AsyncSession, cart_id: str) -> OrderRow | None:
    """The order of the cart that may still be paid, or is and still has its pieces in the cart."""
    state = col(OrderRow.state)
    query = select(OrderRow).where(
        col(OrderRow.closed).is_(False),
        col(OrderRow.cart_id) == cart_id,
        state != "cancelled",
    )
    return (await session.exec(query.order_by(col(OrderRow.created_at)).limit(1))).one_or_none()


async def of_shopper(session: AsyncSession, shopper_id: str) -> Sequence[OrderRow]:
    """Newest first."""
    query = select(OrderRow).where(col(OrderRow.shopper_id) == shopper_id)
    query = query.order_by(col(OrderRow.created_at).desc(), col(OrderRow.id)).limit(FOUND_AT_MOST)
    return (await session.exec(query)).all()


async def unattended(session: AsyncSession, now: datetime, grace: timedelta, limit: int) -> Sequence[OrderRow]:
    """
    Unfinished orders without a lease, oldest first, locked; those locked by others are left out.

    One that is still open is its shopper's to try again for the time of `grace` after its lease has run out.
    """
    lease = col(OrderRow.lease_until)
    undecided = col(OrderRow.state) == "open"
    query = (
        select(OrderRow)
        .where(
            col(OrderRow.closed).is_(False),
            or_(lease.is_(None), lease <= now - grace, and_(lease <= now, ~undecided)),
            or_(col(OrderRow.resume_after).is_(None), col(OrderRow.resume_after) <= now),
        )
        .order_by(col(OrderRow.created_at), col(OrderRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(query)).all()


async def sums(session: AsyncSession) -> dict[str, int]:
    """The ledger added up, in one statement so that all sums are of the same moment: money, and orders by state."""
    state = col(ChargeRow.state)
    parts: dict[str, ScalarSelect[Any]] = {
        name: select(func.count()).where(col(OrderRow.state) == name).scalar_subquery() for name in STATES
    }
    parts["unclosed"] = select(func.count()).where(col(OrderRow.closed).is_(False)).scalar_subquery()
    parts["charged_sum"] = _sum(col(ChargeRow.amount), state.in_(("accepted", "refunded")))
    parts["refunded_sum"] = _sum(col(ChargeRow.amount), state == "refunded")
    parts["paid_sum"] = _sum(col(OrderRow.total), col(OrderRow.state).in_(("charged", "paid")))
    query = sqlalchemy.select(*(part.label(name) for name, part in parts.items()))
    row = (await (await session.connection()).execute(query)).one()
    return {name: int(value) for name, value in row._mapping.items()}  # noqa: SLF001 - its public name, despite the _


def _sum(column: Any, condition: Any) -> ScalarSelect[Any]:  # noqa: ANN401 - SQLAlchemy's expressions
    return select(func.coalesce(func.sum(column), 0)).where(condition).scalar_subquery()
