"""The ledger's rules: what may happen to an order, and who may work on it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.contracts.errors import CartInUse, Conflict, Invalid, KeyInUse, KeyReused, OutOfStock
from twinshop.contracts.payment import Card, Failure, LedgerAudit, Order, OrderDraft
from twinshop.kit.database import Database
from twinshop.payment import store
from twinshop.payment.acquirer import Acquirer
from twinshop.payment.charging import Charging, is_settled
from twinshop.payment.settings import PaymentSettings
from twinshop.payment.tables import OrderRow

ATTEMPTS = 3
CLAIMED_AT_MOST = 100
FINAL = frozenset({"paid", "cancelled"})
LEFT_TO_DO = "The order cannot be closed: it is not settled yet."
IN_USE = "An order of what is in your cart is being completed. Nothing more was charged."


class PaymentService:
    """
    The port, on a database and an acquirer.

    A state is written when it is decided. An order is `cancelled` from that moment, so that no process can charge or
    confirm it any more; then its money goes back, and as long as the acquirer has not done that, `close` refuses.
    """

    def __init__(
        self, database: Database, acquirer: Acquirer, settings: PaymentSettings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._charging = Charging(database, acquirer, settings, clock)
        self._clock = clock
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._grace = timedelta(seconds=settings.grace_seconds)

    async def open(self, draft: OrderDraft) -> Order:
        if sum(line.price.amount * line.quantity for line in draft.lines) != draft.total.amount:
            raise Invalid("The total is not the sum of the lines.", field="total")
        for attempt in range(1, ATTEMPTS + 1):
            now = self._clock()
            try:
                return await self._database.writing(lambda session: self._open(session, draft, now))  # noqa: B023 - at once
            except IntegrityError:  # the same key (or, hardly ever, number) was written at this moment: look again
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("the loop returns or raises")

    async def _open(self, session: AsyncSession, draft: OrderDraft, now: datetime) -> Order:
        await store.lock_cart(session, draft.cart_id)
        order = await store.by_key(session, draft.shopper_id, draft.idempotency_key, lock=True)
        charge = None
        if order is None:
            await _require_free(session, draft.cart_id, now)
            order = store.new_order(draft, now)
            session.add(order)
        else:
            _check_same(order, draft.fingerprint)
            charge = await store.charge_of(session, order)
            if order.state in FINAL:
                return store.as_order(order, charge)
            if order.lease_until is not None and order.lease_until > now:
                raise KeyInUse("This order is being placed at this moment. Please wait a little.")
        self._take(order, now)
        return store.as_order(order, charge)

    async def recall(self, idempotency_key: str, fingerprint: str, shopper_id: str) -> Order | None:
        async with self._database.read() as session:
            order = await store.by_key(session, shopper_id, idempotency_key)
            charge = None if order is None else await store.charge_of(session, order)
        if order is None:
            return None
        _check_same(order, fingerprint)
        return store.as_order(order, charge)

    async def charge(self, order_id: str, card: Card) -> Order:
        return await self._charging.charge(order_id, card)

    async def confirm(self, order_id: str) -> Order:
        async def paid(session: AsyncSession) -> Order:
            order, charge = await store.locked(session, order_id)
            if order.state == "charged":
                order.state, order.updated_at = "paid", self._clock()
            elif order.state != "paid":
                raise Conflict("Only an order that is charged can be confirmed.")
            return store.as_order(order, charge)

        return await self._database.writing(paid)

    async def cancel(self, order_id: str, failure: Failure) -> Order:
        async with self._database.write() as session:
            order, _ = await store.locked(session, order_id)
            now = self._clock()
            # A caller that saw it open may be late: another has charged it, and is taking its stock.
            completed = order.state == "charged" and failure.code != OutOfStock.code
            if completed or order.state == "paid":
                raise Conflict("The order is paid, so it cannot be cancelled.")
            if order.state != "cancelled":
                order.state, order.failure = "cancelled", failure.model_dump(mode="json")
                order.updated_at = now
            if not order.closed:
                order.lease_until = now + self._lease  # settling takes time, and the same process should close it
        return await self._charging.settle(order_id)

    async def close(self, order_id: str) -> Order:
        order = await self._closed(order_id)
        if order is None:
            await self._charging.settle(order_id)
            order = await self._closed(order_id)
        if order is None:
            raise Conflict(LEFT_TO_DO)
        return order

    async def _closed(self, order_id: str) -> Order | None:
        """The order, closed in one transaction; None while the money of a cancelled one is not settled."""

        async def closed(session: AsyncSession) -> Order | None:
            row, charge = await store.locked(session, order_id)
            if row.state not in FINAL:
                raise Conflict(LEFT_TO_DO)
            if row.state == "cancelled" and not is_settled(charge):
                return None
            if not row.closed:
                row.closed, row.lease_until, row.resume_after = True, None, None
                row.updated_at = self._clock()
            return store.as_order(row, charge)

        return await self._database.writing(closed)

    async def renew(self, order_id: str) -> None:
        async with self._database.write() as session:
            order, _ = await store.locked(session, order_id)
            if order.lease_until is not None:
                order.lease_until = self._clock() + self._lease

    async def suspend(self, order_id: str) -> None:
        async with self._database.write() as session:
            order, _ = await store.locked(session, order_id)
            if not order.closed:
                # One that is not charged yet is its shopper's to try again; what is charged is to be completed at once.
                again = self._clock() + self._grace if order.state == "open" else None
                order.lease_until, order.resume_after = None, again

    async def claim(self, limit: int) -> tuple[Order, ...]:
        if not 1 <= limit <= CLAIMED_AT_MOST:
            raise Invalid(f"The limit must be 1 to {CLAIMED_AT_MOST}.", field="limit")
        now = self._clock()
        async with self._database.write() as session:
            orders = await store.unattended(session, now, self._grace, limit)
            for order in orders:
                self._take(order, now)
            return await store.with_charges(session, orders)

    async def get(self, order_id: str) -> Order:
        async with self._database.read() as session:
            order, charge = await store.by_id(session, order_id)
        return store.as_order(order, charge)

    async def find(self, shopper_id: str) -> tuple[Order, ...]:
        async with self._database.read() as session:
            return await store.with_charges(session, await store.of_shopper(session, shopper_id))

    async def audit(self) -> LedgerAudit:
        async with self._database.read() as session:
            sums = await store.sums(session)
        statement = await self._charging.statement()
        return LedgerAudit(
            orders={state: sums[state] for state in store.STATES},
            unclosed=sums["unclosed"],
            charged=sums["charged_sum"],
            refunded=sums["refunded_sum"],
            paid=sums["paid_sum"],
            double_charges=statement.repeated,
            acquired=statement.balance,
        )

    def _take(self, order: OrderRow, now: datetime) -> None:
        """The lease: for now only the process that asked works on the order."""
        order.lease_until, order.resume_after = now + self._lease, None


async def _require_free(session: AsyncSession, cart_id: str, now: datetime) -> None:
    """Raises CartInUse while an order of this cart is being paid or completed."""
    other = await store.unfinished_of_cart(session, cart_id)
    if other is not None:
        idle = other.state == "open" and (other.lease_until is None or other.lease_until <= now)
        raise CartInUse(IN_USE, order_id=other.id, idle=idle)


def _check_same(order: OrderRow, fingerprint: str) -> None:
    if order.fingerprint != fingerprint:
        raise KeyReused("This idempotency key was used for another order.")
