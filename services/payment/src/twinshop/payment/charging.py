"""
Where money moves: the conversation between the ledger and the acquirer.

The ledger notes what it is about to ask, commits, asks, and notes the answer. So the acquirer is never called with a
transaction open, and at whatever point the process dies, the ledger knows for which orders it has to ask again. The
order's row is locked for every decision; the state that is written there first holds.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from twinshop.contracts.errors import Conflict, Declined, Unavailable, invalid
from twinshop.contracts.payment import Card, Order
from twinshop.contracts.values import Money
from twinshop.kit.database import Database, Writer
from twinshop.payment import store
from twinshop.payment.acquirer import Acquirer, Statement, Transaction
from twinshop.payment.settings import PaymentSettings
from twinshop.payment.store import CHARGES, ORDERS, StoredCharge, StoredOrder

SETTLED = frozenset({"declined", "refunded", "voided"})
"""States of a charge that leave no money of a cancelled order with the acquirer."""

REASONS = {
    "card_declined": "The card was declined.",
    "insufficient_funds": "There is not enough money on the card.",
    "test_mode": "This shop takes test cards only, so the card was not charged.",
}

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class Charging:
    def __init__(
        self, database: Database, acquirer: Acquirer, settings: PaymentSettings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._acquirer = acquirer
        self._clock = clock
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._acquirer_seconds = settings.acquirer_seconds

    async def charge(self, order_id: str, card: Card) -> Order:
        """See the port. A card is looked at only if the acquirer is to be asked."""

        async def begun(writer: Writer) -> Order | Money:
            """The order if the outcome is known, else the amount to ask for."""
            order, charge = await store.locked(writer, order_id)
            now = self._clock()
            if not order.closed:
                order = await ORDERS.change(writer, order, lease_until=now + self._lease)
            if (known := _outcome(order, charge)) is not None:
                return known
            _check(card, now)
            if charge is None:
                await CHARGES.insert(writer, StoredCharge(order_id, order.total, "pending", now, now))
            else:
                await CHARGES.change(writer, charge, attempts=charge.attempts + 1, updated_at=now)
            return Money(amount=order.total)

        async def noted(writer: Writer) -> tuple[StoredOrder, StoredCharge]:
            order, charge = await store.locked(writer, order_id)
            assert charge is not None  # committed before, and never deleted
            if charge.state == "pending":
                return await self._note(writer, order, charge, answer)
            return order, charge

        amount = await self._database.writing(begun)
        if isinstance(amount, Order):
            return amount
        answer = await self._ask(order_id, self._acquirer.authorise(order_id, amount, card))
        outcome = _outcome(*await self._database.writing(noted))
        assert outcome is not None  # the charge is no longer pending
        return outcome

    async def settle(self, order_id: str) -> Order:
        """
        Leave no money of a cancelled order with the acquirer: void a charge under way, refund one that was accepted.

        May be called again at any time, which completes what a crash left unfinished.
        """

        async def settled(writer: Writer) -> Order:
            order, charge = await store.locked(writer, order_id)
            assert charge is not None
            if not is_settled(charge):
                order, charge = await self._note(writer, order, charge, answer)
            return store.as_order(order, charge)

        order, charge = await self._database.reading(lambda reader: store.by_id(reader, order_id))
        assert order.state == "cancelled"
        if charge is None or is_settled(charge):
            return store.as_order(order, charge)
        answer = await self._taken_back(charge)
        return await self._database.writing(settled)

    async def _taken_back(self, charge: StoredCharge) -> Transaction:
        """Void a charge under way, or refund one that was accepted, maybe at this moment."""
        if charge.state == "pending":
            answer = await self._ask(charge.order_id, self._acquirer.void(charge.order_id))
            if answer.state != "accepted":
                return answer
        return await self._ask(charge.order_id, self._acquirer.refund(charge.order_id))

    async def statement(self) -> Statement:
        return await self._ask("-", self._acquirer.statement())

    async def _note(
        self, writer: Writer, order: StoredOrder, charge: StoredCharge, answer: Transaction
    ) -> tuple[StoredOrder, StoredCharge]:
        """Write the acquirer's answer down. An order that was cancelled meanwhile stays so and is settled later."""
        now = self._clock()
        noted: dict[str, Any] = {"state": answer.state, "reason": answer.reason, "updated_at": now}
        known: dict[str, Any] = {**store.card_columns(answer.card), "updated_at": now}
        if order.state == "open":
            known["lease_until"] = now + self._lease
            if answer.state == "accepted":
                known["state"] = "charged"
            elif answer.state != "declined":  # taken back by the acquirer
                noted |= {"state": "declined", "reason": answer.state}
        charge = await CHARGES.change(writer, charge, **noted)
        log.info("charge of order %s: %s", order.id, charge.state)
        return await ORDERS.change(writer, order, **known), charge

    async def _ask(self, order_id: str, call: Awaitable[Answer]) -> Answer:
        """Wait for the acquirer; no answer becomes Unavailable."""
        try:
            async with asyncio.timeout(self._acquirer_seconds):
                return await call
        except Exception as error:  # noqa: BLE001 - whatever it fails with, it has not answered
            # By kind and place only, without the cause: who knows what another company puts into its messages?
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            log.warning("acquirer failed for order %s: %s in %s:%s", order_id, kind, place.name, place.lineno)
            detail = "The card company does not answer. Please try again: the order is charged once at most."
            raise Unavailable(detail, component="acquirer") from None


def is_settled(charge: StoredCharge | None) -> bool:
    """Whether the acquirer holds no money for it, and will not."""
    return charge is None or charge.state in SETTLED


def _check(card: Card, now: datetime) -> None:
    """Refuse a card that cannot be right; the message never repeats what was typed."""
    if faults := card.faults(now):
        raise invalid({f"card.{field}": fault for field, fault in faults.items()})


def _outcome(order: StoredOrder, charge: StoredCharge | None) -> Order | None:
    """What a charge led to: the order, an error, or None as long as the acquirer has to be asked."""
    if order.state == "cancelled":
        raise Conflict("The order was cancelled before it was charged.")
    if charge is None or charge.state == "pending":
        return None
    if charge.state == "declined":
        reason = charge.reason or "card_declined"
        raise Declined(REASONS.get(reason, REASONS["card_declined"]), reason=reason)
    return store.as_order(order, charge)
