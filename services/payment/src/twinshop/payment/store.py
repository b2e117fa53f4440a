"""The ledger's rows: how they are found, locked, changed, and turned into the values of the port."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import JsonValue
from sqlalchemy import ScalarSelect, and_, bindparam, func, or_, select
from sqlmodel import col

from twinshop.contracts.errors import NotFound
from twinshop.contracts.payment import CardSummary, Order, OrderDraft, OrderPayment
from twinshop.kit.columns import UtcDateTime
from twinshop.kit.database import Reader, Writer
from twinshop.kit.rows import Rows
from twinshop.payment.tables import ChargeRow, ChargeState, OrderRow, OrderState

ALPHABET = "234679ACDEFGHJKMNPQRTUVWXY"
"""Of order numbers, which people read out: nothing that looks like something else (0 O, 1 I L, 5 S, 8 B, Z 2)."""
FOUND_AT_MOST = 100
STATES = ("open", "charged", "paid", "cancelled")


class StoredOrder(NamedTuple):
    """A row of `OrderRow`."""

    id: str
    number: str
    idempotency_key: str
    fingerprint: str
    shopper_id: str
    cart_id: str
    state: OrderState
    lines: list[dict[str, JsonValue]]
    total: int
    delivery: dict[str, JsonValue]
    language: str
    created_at: datetime
    updated_at: datetime
    lease_until: datetime | None
    closed: bool = False
    card_brand: str | None = None
    card_last4: str | None = None
    failure: dict[str, JsonValue] | None = None
    resume_after: datetime | None = None


class StoredCharge(NamedTuple):
    """A row of `ChargeRow`."""

    order_id: str
    amount: int
    state: ChargeState
    created_at: datetime
    updated_at: datetime
    reason: str | None = None
    attempts: int = 1


ORDERS = Rows(OrderRow, StoredOrder)
CHARGES = Rows(ChargeRow, StoredCharge)

_NOW = bindparam("now", type_=UtcDateTime)

_BY_KEY = ORDERS.where(
    col(OrderRow.shopper_id) == bindparam("shopper_id"), col(OrderRow.idempotency_key) == bindparam("idempotency_key")
)
_BY_KEY_LOCKED = _BY_KEY.with_for_update()
_UNFINISHED = (
    ORDERS.where(
        col(OrderRow.closed).is_(False),
        col(OrderRow.cart_id) == bindparam("cart_id"),
        col(OrderRow.state) != "cancelled",
    )
    .order_by(col(OrderRow.created_at))
    .limit(1)
)
_OF_SHOPPER = (
    ORDERS.where(col(OrderRow.shopper_id) == bindparam("shopper_id"))
    .order_by(col(OrderRow.created_at).desc(), col(OrderRow.id))
    .limit(FOUND_AT_MOST)
)
_UNATTENDED = (
    ORDERS.where(
        col(OrderRow.closed).is_(False),
        or_(
            col(OrderRow.lease_until).is_(None),
            col(OrderRow.lease_until) <= bindparam("grace_over", type_=UtcDateTime),
            and_(col(OrderRow.lease_until) <= _NOW, col(OrderRow.state) != "open"),
        ),
        or_(col(OrderRow.resume_after).is_(None), col(OrderRow.resume_after) <= _NOW),
    )
    .order_by(col(OrderRow.created_at), col(OrderRow.id))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_OF_ORDERS = CHARGES.where(col(ChargeRow.order_id).in_(bindparam("order_ids", expanding=True)))


def new_order(draft: OrderDraft, now: datetime, lease_until: datetime) -> StoredOrder:
    stored = draft.model_dump(mode="json")
    name = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return StoredOrder(
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
        lease_until=lease_until,
    )


def as_order(row: StoredOrder, charge: StoredCharge | None) -> Order:
    card = None if row.card_last4 is None else {"brand": row.card_brand, "last4": row.card_last4}
    return Order.model_validate(
        {
            "id": row.id,
            "number": row.number,
            "state": row.state,
            "closed": row.closed,
            "shopper_id": row.shopper_id,
            "cart_id": row.cart_id,
            "lines": row.lines,
            "total": {"amount": row.total},
            "delivery": row.delivery,
            "language": row.language,
            "card": card,
            "failure": row.failure,
            "payment": _payment(row, charge),
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
    )


def _payment(order: StoredOrder, charge: StoredCharge | None) -> OrderPayment:
    """What the ledger knows of the order's money: the charge's state, and whether it is to be given back."""
    if charge is None or charge.state in {"declined", "voided"}:
        return OrderPayment(state="not-charged")
    if charge.state == "refunded":
        return OrderPayment(state="refunded", refunded_at=charge.updated_at)
    if charge.state == "pending":
        return OrderPayment(state="unknown")
    return OrderPayment(state="refunding" if order.state == "cancelled" else "charged")


def card_columns(card: CardSummary | None) -> dict[str, str]:
    return {} if card is None else {"card_brand": card.brand, "card_last4": card.last4}


async def by_id(reader: Reader, order_id: str) -> tuple[StoredOrder, StoredCharge | None]:
    return _known(await ORDERS.get(reader, order_id)), await CHARGES.get(reader, order_id)


async def locked(writer: Writer, order_id: str) -> tuple[StoredOrder, StoredCharge | None]:
    """An order to change, with its charge: others that change either of them wait."""
    return _known(await ORDERS.locked(writer, order_id)), await CHARGES.get(writer, order_id)


def _known(order: StoredOrder | None) -> StoredOrder:
    if order is None:
        raise NotFound("There is no such order.")
    return order


async def by_key(reader: Reader, shopper_id: str, key: str, *, lock: bool = False) -> StoredOrder | None:
    query = _BY_KEY_LOCKED if lock else _BY_KEY
    return next(iter(await ORDERS.found(reader, query, shopper_id=shopper_id, idempotency_key=key)), None)


async def with_charges(reader: Reader, orders: Sequence[StoredOrder]) -> tuple[Order, ...]:
    """The orders as values, their charges found in one statement."""
    found = await CHARGES.found(reader, _OF_ORDERS, order_ids=[order.id for order in orders])
    charges = {charge.order_id: charge for charge in found}
    return tuple(as_order(order, charges.get(order.id)) for order in orders)


async def lock_cart(writer: Writer, cart_id: str) -> None:
    """Until the end of the transaction no other process opens an order of this cart. SQLite has one writer anyway."""
    if not writer.is_sqlite:
        await writer.rows("SELECT pg_advisory_xact_lock(hashtextextended(:cart_id, 0))", {"cart_id": cart_id})


async def unfinished_of_cart(reader: Reader, cart_id: str) -> StoredOrder | None:
    """The order of the cart that may still be paid, or is and still has its pieces in the cart."""
    return next(iter(await ORDERS.found(reader, _UNFINISHED, cart_id=cart_id)), None)


async def of_shopper(reader: Reader, shopper_id: str) -> Sequence[StoredOrder]:
    """Newest first."""
    return await ORDERS.found(reader, _OF_SHOPPER, shopper_id=shopper_id)


async def unattended(writer: Writer, now: datetime, grace: timedelta, limit: int) -> Sequence[StoredOrder]:
    """
    Unfinished orders without a lease, oldest first, locked; those locked by others are left out.

    One that is still open is its shopper's to try again for the time of `grace` after its lease has run out.
    """
    return await ORDERS.found(writer, _UNATTENDED, now=now, grace_over=now - grace, limit=limit)


def _sum(column: Any, condition: Any) -> ScalarSelect[Any]:  # noqa: ANN401 - SQLAlchemy's expressions
    return select(func.coalesce(func.sum(column), 0)).where(condition).scalar_subquery()


def _count(condition: Any) -> ScalarSelect[Any]:  # noqa: ANN401 - SQLAlchemy's expressions
    return select(func.count()).where(condition).scalar_subquery()


_SUMS = select(
    *(_count(col(OrderRow.state) == name).label(name) for name in STATES),
    _count(col(OrderRow.closed).is_(False)).label("unclosed"),
    _sum(col(ChargeRow.amount), col(ChargeRow.state).in_(("accepted", "refunded"))).label("charged_sum"),
    _sum(col(ChargeRow.amount), col(ChargeRow.state) == "refunded").label("refunded_sum"),
    _sum(col(OrderRow.total), col(OrderRow.state).in_(("charged", "paid"))).label("paid_sum"),
)


async def sums(reader: Reader) -> dict[str, int]:
    """The ledger added up, in one statement so that all sums are of the same moment: money, and orders by state."""
    (row,) = await reader.rows(_SUMS, {})
    return {name: int(value) for name, value in row._asdict().items()}
