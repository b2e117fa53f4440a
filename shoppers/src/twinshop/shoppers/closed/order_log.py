"""
Every order of a customer that the shop accepted, to be compared with what the shop has stored.

The outcome of a checkout whose answer got lost is unknown, neither success nor failure. It is found out by asking
again with the same idempotency key: either the order was placed then, or it is placed now, or it is refused.
"""

import time
from collections.abc import Callable

import gevent
from gevent.lock import RLock
from locust.exception import RescheduleTask

from twinshop.shoppers.checks import quantities
from twinshop.shoppers.closed.outcome import count, unsettled, wrong
from twinshop.shoppers.closed.visitor import Visitor
from twinshop.shoppers.purchase import Attempt

CHECKOUTS = 40
"""Checkouts until the customer settles and comes back as somebody new: the shop lists only the newest 100 orders."""
PATIENCE_SECONDS = 40
"""Longer than the lease of a storefront that has died."""
PAUSE_SECONDS = 0.5


class OrderLog:
    """`doubtful` is the checkout whose outcome is unknown; there is never more than one."""

    def __init__(self, customer: Visitor) -> None:
        self._customer = customer
        self.accepted: dict[str, Attempt] = {}
        self.doubtful: Attempt | None = None
        self.checkouts = 0
        self._settling = RLock()

    def begin(self, attempt: Attempt) -> None:
        """Record an attempt before it is made, so that an interrupted customer knows which order to ask for."""
        self.doubtful = attempt
        self.checkouts += 1
        unsettled.add(self)

    def accept(self, order_id: str, attempt: Attempt) -> None:
        """Record that the shop acknowledged the order."""
        if order_id in self.accepted:
            wrong("two checkouts got the same order")
        if attempt.declined:
            wrong("a card that is declined has paid")
        self.accepted[order_id] = attempt
        self.doubtful = None
        count("accepted")

    def refuse(self) -> None:
        """The shop said no, so nothing may be paid."""
        self.doubtful = None

    def find_out(self) -> None:
        """Ask once for the outcome of the doubtful checkout; ends the visit when the shop still does not know."""
        attempt = self.doubtful
        if attempt is None:
            return
        with self._customer.ask(
            "POST",
            "/api/orders",
            name="/api/orders [outcome]",
            json=attempt.request,
            headers={"Idempotency-Key": attempt.key},
            status={201, 402, 409, 422},
        ) as response:
            answer = response.json()
        if response.status_code == 201:  # noqa: PLR2004
            self.accept(answer["id"], attempt)
        elif answer["code"] == "idempotency-key-in-use":
            raise RescheduleTask
        else:
            self.refuse()
        count("outcome found out")

    def settle(self) -> None:
        """Compare with the shop's orders; called when the customer stops, and once more at the end if that failed."""
        with self._settling:
            if self not in unsettled:
                return
            deadline = time.monotonic() + PATIENCE_SECONDS
            if not (self._patiently(self.find_out, deadline) and self._patiently(self._compare, deadline)):
                count("unchecked", len(self.accepted) + (self.doubtful is not None))
                wrong("orders could not be compared: the shop did not tell")
            unsettled.discard(self)

    @staticmethod
    def _patiently(step: Callable[[], None], deadline: float) -> bool:
        while True:
            try:
                step()
            except RescheduleTask:
                if time.monotonic() > deadline:
                    return False
                gevent.sleep(PAUSE_SECONDS)
            else:
                return True

    def _compare(self) -> None:
        with self._customer.ask("GET", "/api/orders", name="/api/orders [settling]") as response:
            stored = response.json()
        if any(order["state"] in {"open", "charged"} for order in stored):
            raise RescheduleTask  # still being completed or cancelled
        paid = [order for order in stored if order["state"] == "paid"]
        count("stored", len(paid))
        for order in paid:
            accepted = self.accepted.get(order["id"])
            if accepted is None:
                wrong("an order is paid that was never acknowledged")
            elif (order["total"]["amount"], quantities(order["lines"])) != (accepted.total, accepted.lines):
                wrong("a stored order is not what was bought")
        ids = [order["id"] for order in paid]
        if len(set(ids)) != len(ids):
            wrong("an order is stored twice")
        if self.accepted.keys() - set(ids):
            wrong("an accepted order is not stored as paid")
        self.accepted.clear()
