"""One purchase as its shopper sees it: what was answered to each press of the button."""

import http
import json
from dataclasses import dataclass, field

from twinshop.lab.environments.request import Answer
from twinshop.lab.invariants import Attempt
from twinshop.shoppers.purchase import ACCEPTED, DECLINED, FAILS_ONCE, SLOW

CARDS = (ACCEPTED, ACCEPTED, ACCEPTED, SLOW, FAILS_ONCE, DECLINED)
FINAL = frozenset({"card-declined", "out-of-stock"})
"""Codes of answers after which there is no order, and will be none."""
ABANDONED = "was not paid in time"
"""The same, of an unfinished order that was cancelled."""


@dataclass(slots=True)
class Purchase:
    """
    All presses for what is in one cart: under one idempotency key, or under those of two windows.

    Attributes:
        second: the key of the other window; empty without one.
        orders: acknowledged: id to total in minor units; more than one is a broken promise.
        refused: keys of which the shop has said that there is no order, and will be none.
        presses: how often the button was pressed.
        under: the key of each order.
    """

    key: str
    second: str = ""
    orders: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    presses: int = 0
    under: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key, self.second) if self.second else (self.key,)

    @property
    def decided(self) -> bool:
        return bool(self.orders or self.refused)

    def hear(self, answer: Answer | None, key: str = "") -> None:
        """
        An answer to a press, under the first key if none is named; None: there was none.

        What leaves the purchase open changes nothing.
        """
        self.presses += 1
        key = key or self.key
        if answer is None:
            return
        try:
            told = json.loads(answer.body)
            if answer.status == http.HTTPStatus.CREATED:
                self.orders[told["id"]] = told["total"]["amount"]
                self.under[told["id"]] = key
            elif answer.refused and (told["code"] in FINAL or ABANDONED in told["detail"]):
                self.refused.add(key)
        except (ValueError, KeyError, TypeError):
            return

    def attempts(self) -> list[Attempt]:
        """For the invariants: an order that was both acknowledged and refused is told as both."""
        found = [Attempt(self.under[id_], "acknowledged", id_, total) for id_, total in self.orders.items()]
        found += [Attempt(key, "refused") for key in self.keys if key in self.refused]
        told = {attempt.key for attempt in found}
        return found + [Attempt(key, "unknown") for key in self.keys if key not in told]
