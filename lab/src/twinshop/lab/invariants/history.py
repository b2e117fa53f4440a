"""Records of the clients of a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from twinshop.lab.load.record import Checkout


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One checkout, under one idempotency key, as its client saw it end.

    Attributes:
        key: the idempotency key.
        outcome: `acknowledged`: the shop said that the order is paid. `refused`: it said that it is not and will not
            be (the card was declined, nothing is left). `unknown`: no answer, or one that leaves it open; the order
            may or may not have been placed.
        order_id: of an acknowledged one.
        total: what the order costs, in minor units; of an acknowledged one.
    """

    key: str
    outcome: Literal["acknowledged", "refused", "unknown"]
    order_id: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True)
class CartSeen:
    """
    One cart, filled by one client alone, as it was found at the end; pieces by product.

    Attributes:
        acknowledged: additions that the shop confirmed.
        unknown: additions without an answer: each of them may have been made, once.
        found: what was in the cart at the end.
    """

    name: str
    acknowledged: Mapping[str, int]
    unknown: Mapping[str, int]
    found: Mapping[str, int]


def attempts_of(checkouts: Iterable[Checkout]) -> list[Attempt]:
    """The checkouts of a load (`read_checkouts`); it keeps none of those that were refused."""
    return [
        Attempt(each.key, "acknowledged", each.id, each.total)
        if each.outcome == "acknowledged"
        else Attempt(each.key, "unknown")
        for each in checkouts
    ]
