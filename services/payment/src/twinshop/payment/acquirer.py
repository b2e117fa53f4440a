"""
The acquirer: the company that charges cards. Its protocol, and the built-in one for tests.

It is another company even where it shares our database: it commits on its own, and what it did is not undone when the
ledger's transaction is. Every operation is idempotent by `reference`, which is the order's id, so asking again is safe.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import case, func, select
from sqlmodel import col

from twinshop.contracts.payment import Card, CardSummary
from twinshop.contracts.values import Money
from twinshop.kit.database import Database, Writer
from twinshop.kit.rows import Rows
from twinshop.payment import cards
from twinshop.payment.tables import TransactionRow, TransactionState


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


class StoredTransaction(NamedTuple):
    """A row of `TransactionRow`."""

    reference: str
    created_at: datetime
    updated_at: datetime
    state: TransactionState = "new"
    amount: int = 0
    captures: int = 0
    reason: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None


TRANSACTIONS = Rows(TransactionRow, StoredTransaction)
_STATEMENT = select(
    func.coalesce(func.sum(case((col(TransactionRow.state) == "accepted", col(TransactionRow.amount)))), 0),
    func.count(case((col(TransactionRow.captures) > 1, 1))),
)


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

        def decide(row: StoredTransaction) -> dict[str, Any]:
            if row.state not in {"new", "failed"}:
                return {}
            decided: dict[str, Any] = {"state": "declined", "reason": behaviour}
            if behaviour == "fails_once" and row.state == "new":
                decided = {"state": "failed"}
            elif behaviour in {"accepted", "slow", "fails_once"}:
                decided = {"state": "accepted", "captures": row.captures + 1}
            return {"amount": amount.amount, "card_brand": summary.brand, "card_last4": summary.last4, **decided}

        decided = _transaction(await self._change(reference, decide))
        if decided is None:
            raise AcquirerError("the test card that fails once has failed")
        return decided

    async def lookup(self, reference: str) -> Transaction | None:
        row = await self._database.reading(lambda reader: TRANSACTIONS.get(reader, reference))
        return None if row is None else _transaction(row)

    async def void(self, reference: str) -> Transaction:
        def decide(row: StoredTransaction) -> dict[str, Any]:
            return {"state": "voided"} if row.state in {"new", "failed"} else {}

        return _known(await self._change(reference, decide))

    async def refund(self, reference: str) -> Transaction:
        def decide(row: StoredTransaction) -> dict[str, Any]:
            if row.state == "accepted":
                return {"state": "refunded"}
            if row.state != "refunded":
                raise AcquirerError("there is nothing to refund")
            return {}

        return _known(await self._change(reference, decide))

    async def statement(self) -> Statement:
        ((balance, repeated),) = await self._database.reading(lambda reader: reader.rows(_STATEMENT, {}))
        return Statement(balance=int(balance), repeated=repeated)

    async def _change(self, reference: str, decide: Callable[[StoredTransaction], dict[str, Any]]) -> StoredTransaction:
        """Decide what changes for a reference, in a transaction of its own; an unknown one is new."""

        async def decided(writer: Writer) -> StoredTransaction:
            now = self._clock()
            while (row := await TRANSACTIONS.locked(writer, reference)) is None:
                new = StoredTransaction(reference, now, now)
                new = new._replace(**decide(new))
                if await TRANSACTIONS.insert(writer, new):
                    return new
                # Another call began with this reference at the same time: look again.
            changes = decide(row)
            return await TRANSACTIONS.change(writer, row, **changes, updated_at=now) if changes else row

        return await self._database.writing(decided)


def _transaction(row: StoredTransaction) -> Transaction | None:
    """What was decided; None for a reference that is not."""
    if row.state in {"new", "failed"}:
        return None
    card = None
    if row.card_brand is not None and row.card_last4 is not None:
        card = CardSummary.model_validate({"brand": row.card_brand, "last4": row.card_last4})
    # The states that are left are those of a Transaction, but a type checker cannot tell from a set.
    return Transaction(row.state, Money(amount=row.amount), row.reason, card)  # type: ignore[arg-type]


def _known(row: StoredTransaction) -> Transaction:
    transaction = _transaction(row)
    assert transaction is not None  # voiding and refunding decide
    return transaction
