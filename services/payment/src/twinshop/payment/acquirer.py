"""
The acquirer: the company that charges cards. Its protocol, and the built-in one for tests.

It is another company even where it shares our database: it commits on its own, and what it did is not undone when the
ledger's transaction is. Every operation is idempotent by `reference`, which is the order's id, so asking again is safe.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy import case, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from twinshop.contracts.payment import Card, CardSummary
from twinshop.contracts.values import Money
from twinshop.kit.database import Database
from twinshop.payment import cards
from twinshop.payment.tables import TransactionRow

ATTEMPTS = 3


class AcquirerError(Exception):
    """The acquirer said neither yes nor no: whether money was taken is not known until it is asked again."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What the acquirer holds for a reference; `reason` tells why it declined."""

    state: Literal["accepted", "declined", "refunded", "voided"]
    amount: Money
    reason: str | None = None
    card: CardSummary | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What the acquirer has taken less what it gave back, and for how many references it took money twice."""

    balance: int
    repeated: int


class Acquirer(Protocol):
    """Any operation may raise AcquirerError, or take too long."""

    async def authorise(self, reference: str, amount: Money, card: Card) -> Transaction:
        """Take the money, unless this reference was decided before: then that decision again, whatever the card."""
        ...

    async def lookup(self, reference: str) -> Transaction | None:
        """What was decided for a reference, if anything."""
        ...

    async def void(self, reference: str) -> Transaction:
        """Make sure that the reference is not charged from now on. One that was already stays so: refund it."""
        ...

    async def refund(self, reference: str) -> Transaction:
        """Give accepted money back; once, however often it is called."""
        ...

    async def statement(self) -> Statement: ...


class TestAcquirer:
    """Accepts the test cards and declines all others, so that no real money can move."""

    def __init__(self, database: Database, slow_seconds: float, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._slow_seconds = slow_seconds
        self._clock = clock

    async def authorise(self, reference: str, amount: Money, card: Card) -> Transaction:
        behaviour, summary = cards.behaviour(card), cards.summary(card)
        if behaviour == "slow":
            await asyncio.sleep(self._slow_seconds)

        def decide(row: TransactionRow) -> None:
            if row.state not in {"new", "failed"}:
                return
            row.amount, row.card_brand, row.card_last4 = amount.amount, summary.brand, summary.last4
            if behaviour == "fails_once" and row.state == "new":
                row.state = "failed"
            elif behaviour in {"accepted", "slow", "fails_once"}:
                row.state, row.captures = "accepted", row.captures + 1
            else:
                row.state, row.reason = "declined", behaviour

        decided = _transaction(await self._change(reference, decide))
        if decided is None:
            raise AcquirerError("the test card that fails once has failed")
        return decided

    async def lookup(self, reference: str) -> Transaction | None:
        async with self._database.read() as session:
            row = await session.get(TransactionRow, reference)
            return None if row is None else _transaction(row)

    async def void(self, reference: str) -> Transaction:
        def decide(row: TransactionRow) -> None:
            if row.state in {"new", "failed"}:
                row.state = "voided"

        return _known(await self._change(reference, decide))

    async def refund(self, reference: str) -> Transaction:
        def decide(row: TransactionRow) -> None:
            if row.state == "accepted":
                row.state = "refunded"
            elif row.state != "refunded":
                raise AcquirerError("there is nothing to refund")

        return _known(await self._change(reference, decide))

    async def statement(self) -> Statement:
        taken = func.coalesce(func.sum(case((col(TransactionRow.state) == "accepted", col(TransactionRow.amount)))), 0)
        repeated = func.count(case((col(TransactionRow.captures) > 1, 1)))
        async with self._database.read() as session:
            row = (await session.exec(select(taken, repeated))).one()
        return Statement(balance=int(row[0]), repeated=row[1])

    async def _change(self, reference: str, decide: Callable[[TransactionRow], None]) -> TransactionRow:
        """Decide on a reference in a transaction of its own; an unknown one is new."""

        async def decided(session: AsyncSession) -> TransactionRow:
            now = self._clock()
            row = await session.get(TransactionRow, reference, with_for_update=True)
            if row is None:
                row = TransactionRow(reference=reference, created_at=now, updated_at=now)
                session.add(row)
            before = row.state
            decide(row)
            if row.state != before:
                row.updated_at = now
            return row

        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._database.writing(decided)
            except IntegrityError:  # another call began with this reference at the same time: look again
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("the loop returns or raises")


def _transaction(row: TransactionRow) -> Transaction | None:
    """What was decided; None for a reference that is not."""
    if row.state in {"new", "failed"}:
        return None
    card = None
    if row.card_brand is not None and row.card_last4 is not None:
        card = CardSummary.model_validate({"brand": row.card_brand, "last4": row.card_last4})
    # The states that are left are those of a Transaction, but a type checker cannot tell from a set.
    return Transaction(row.state, Money(amount=row.amount), row.reason, card)  # type: ignore[arg-type]


def _known(row: TransactionRow) -> Transaction:
    transaction = _transaction(row)
    assert transaction is not None  # voiding and refunding decide
    return transaction
