"""The ledger's rules: what may happen to an order, and who may work on it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from twinshop.contracts.errors import CartInUse, Conflict, Invalid, KeyInUse, KeyReused, OutOfStock
from twinshop.contracts.payment import Card, Failure, LedgerAudit, Order, OrderDraft
from twinshop.kit.database import Database, Reader, Writer
from twinshop.payment import store
from twinshop.payment.acquirer import Acquirer
from twinshop.payment.charging import Charging, is_settled
from twinshop.payment.settings import PaymentSettings
from twinshop.payment.store import CHARGES, ORDERS, StoredOrder

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
        return await self._database.writing(lambda writer: self._open(writer, draft))

    async def _open(self, writer: Writer, draft: OrderDraft) -> Order:
        await store.lock_cart(writer, draft.cart_id)
        now = self._clock()
        lease = now + self._lease
        while (order := await store.by_key(writer, draft.shopper_id, draft.idempotency_key, lock=True)) is None:
            await _require_free(writer, draft.cart_id, now)
            new = store.new_order(draft, now, lease)
            if await ORDERS.insert(writer, new):
                return store.as_order(new, None)
            # The same key (or, hardly ever, number) was written at this moment: look again.
        _check_same(order, draft.fingerprint)
        if order.state not in FINAL:
            if order.lease_until is not None and order.lease_until > now:
                raise KeyInUse("This order is being placed at this moment. Please wait a little.")
            order = await ORDERS.change(writer, order, lease_until=lease, resume_after=None)
        return store.as_order(order, await CHARGES.get(writer, order.id))

    async def recall(self, idempotency_key: str, fingerprint: str, shopper_id: str) -> Order | None:
        async def recalled(reader: Reader) -> Order | None:
            order = await store.by_key(reader, shopper_id, idempotency_key)
            if order is None:
                return None
            _check_same(order, fingerprint)
            return store.as_order(order, await CHARGES.get(reader, order.id))

        return await self._database.reading(recalled)

    async def charge(self, order_id: str, card: Card) -> Order:
        return await self._charging.charge(order_id, card)

    async def confirm(self, order_id: str) -> Order:
        async def paid(writer: Writer) -> Order:
            order, charge = await store.locked(writer, order_id)
            if order.state == "charged":
                order = await ORDERS.change(writer, order, state="paid", updated_at=self._clock())
            elif order.state != "paid":
                raise Conflict("Only an order that is charged can be confirmed.")
            return store.as_order(order, charge)

        return await self._database.writing(paid)

    async def cancel(self, order_id: str, failure: Failure) -> Order:
        async def cancelled(writer: Writer) -> None:
            order, _ = await store.locked(writer, order_id)
            now = self._clock()
            # A caller that saw it open may be late: another has charged it, and is taking its stock.
            completed = order.state == "charged" and failure.code != OutOfStock.code
            if completed or order.state == "paid":
                raise Conflict("The order is paid, so it cannot be cancelled.")
            if order.state != "cancelled":
                told = failure.model_dump(mode="json")
                order = await ORDERS.change(writer, order, state="cancelled", failure=told, updated_at=now)
            if not order.closed:  # settling takes time, and the same process should close it
                await ORDERS.change(writer, order, lease_until=now + self._lease)

        await self._database.writing(cancelled)
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

        async def closed(writer: Writer) -> Order | None:
            order, charge = await store.locked(writer, order_id)
            if order.state not in FINAL:
                raise Conflict(LEFT_TO_DO)
            if order.state == "cancelled" and not is_settled(charge):
                return None
            if not order.closed:
                ended = {"closed": True, "lease_until": None, "resume_after": None, "updated_at": self._clock()}
                order = await ORDERS.change(writer, order, **ended)
            return store.as_order(order, charge)

        return await self._database.writing(closed)

    async def renew(self, order_id: str) -> None:
        async def renewed(writer: Writer) -> None:
            order, _ = await store.locked(writer, order_id)
            if order.lease_until is not None:
                await ORDERS.change(writer, order, lease_until=self._clock() + self._lease)

        await self._database.writing(renewed)

    async def suspend(self, order_id: str) -> None:
        async def suspended(writer: Writer) -> None:
            order, _ = await store.locked(writer, order_id)
            if not order.closed:
                # One that is not charged yet is its shopper's to try again; what is charged is to be completed at once.
                again = self._clock() + self._grace if order.state == "open" else None
                await ORDERS.change(writer, order, lease_until=None, resume_after=again)

        await self._database.writing(suspended)

    async def claim(self, limit: int) -> tuple[Order, ...]:
        if not 1 <= limit <= CLAIMED_AT_MOST:
            raise Invalid(f"The limit must be 1 to {CLAIMED_AT_MOST}.", field="limit")
        now = self._clock()

        async def claimed(writer: Writer) -> tuple[Order, ...]:
            orders = await store.unattended(writer, now, self._grace, limit)
            for order in orders:
                await ORDERS.change(writer, order, lease_until=now + self._lease, resume_after=None)
            return await store.with_charges(writer, orders)

        return await self._database.writing(claimed)

    async def get(self, order_id: str) -> Order:
        return store.as_order(*await self._database.reading(lambda reader: store.by_id(reader, order_id)))

    async def find(self, shopper_id: str) -> tuple[Order, ...]:
        async def found(reader: Reader) -> tuple[Order, ...]:
            return await store.with_charges(reader, await store.of_shopper(reader, shopper_id))

        return await self._database.reading(found)

    async def audit(self) -> LedgerAudit:
        sums = await self._database.reading(store.sums)
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


async def _require_free(reader: Reader, cart_id: str, now: datetime) -> None:
    """Raises CartInUse while an order of this cart is being paid or completed."""
    other = await store.unfinished_of_cart(reader, cart_id)
    if other is not None:
        idle = other.state == "open" and (other.lease_until is None or other.lease_until <= now)
        raise CartInUse(IN_USE, order_id=other.id, idle=idle)


def _check_same(order: StoredOrder, fingerprint: str) -> None:
    if order.fingerprint != fingerprint:
        raise KeyReused("This idempotency key was used for another order.")
