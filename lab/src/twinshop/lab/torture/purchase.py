"""One purchase as its shopper sees it: what was answered to each press of the button."""

import http
import json
from dataclasses import dataclass, field

from twinshop.lab.invariants import Attempt
from twinshop.lab.site.asking import Answer

ACCEPTED = "4242424242424242"
CARDS = (ACCEPTED, ACCEPTED, ACCEPTED, "4000000000000341", "4000000000000119", "4000000000000002")
"""Accepted, slow, fails once, declined: the shop's own test cards."""
FINAL = frozenset({"card-declined", "out-of-stock"})
"""Codes of answers after which there is no order, and will be none."""
ABANDONED = "was not paid in time"
"""The same, of an order that was left half-way and cancelled."""


@dataclass(slots=True)
class Purchase:
    """
    All presses under one idempotency key.

    Attributes:
        orders: acknowledged: id to total in minor units; more than one is a broken promise.
        refused: whether the shop has said that there is no order, and will be none.
        presses: how often the button was pressed.
    """

    key: str
    orders: dict[str, int] = field(default_factory=dict)
    refused: bool = False
    presses: int = 0

    @property
    def decided(self) -> bool:
        return bool(self.orders) or self.refused

    def hear(self, answer: Answer | None) -> None:
        """An answer to a press; None: there was none. What leaves it open changes nothing."""
        self.presses += 1
        if answer is None:
            return
        try:
            told = json.loads(answer.body)
            if answer.status == http.HTTPStatus.CREATED:
                self.orders[told["id"]] = told["total"]["amount"]
            elif answer.refused and (told["code"] in FINAL or ABANDONED in told["detail"]):
                self.refused = True
        except (ValueError, KeyError, TypeError):
            return

    def attempts(self) -> list[Attempt]:
        """For the invariants: an order that was both acknowledged and refused is told as both."""
        found = [Attempt(self.key, "acknowledged", id_, total) for id_, total in self.orders.items()]
        if self.refused:
            found.append(Attempt(self.key, "refused"))
        return found or [Attempt(self.key, "unknown")]
