"""The result of a campaign on one shape."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isnan, nan
from typing import Any

from twinshop.contracts.books import PaymentBooks
from twinshop.lab.invariants import INVARIANTS, Attempt, Checked, Violation
from twinshop.lab.torture.api import Step
from twinshop.lab.torture.purchase import Purchase

KNOWN_ORDERS, ONE_FOR_A_CART = "T1", "T2"
MEANINGS: Mapping[str, str] = {
    **INVARIANTS,
    KNOWN_ORDERS: "no unexplained order: every buyer was told of the payment, or got no conclusive answer",
    ONE_FOR_A_CART: "one order for a cart: paying for it in two windows charges once",
}


@dataclass(slots=True)
class HazardOutcome:
    """
    A hazard that was tried.

    Attributes:
        began: second of the load.
        evidence: evidence that it was active; None: there was none.
        doubt: why it could not be injected.
        recovery: seconds from its revert until the shop had recovered; None: it had not, within `LONGEST_SECONDS`.
        sick: what was wrong then.
    """

    step: Step
    began: float
    evidence: str | None = None
    doubt: str | None = None
    recovery: float | None = None
    sick: str | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """
    Orders in figures.

    Attributes:
        attempted: checkouts that were begun, those that the load's generator was refused left out.
        acknowledged: told to a client as paid.
        unknown: checkouts without an answer that decides.
        stored: paid, in the ledger at the end.
        cancelled: in the ledger at the end, with everything given back.
        pressed_again: presses of the button beyond the first one.
    """

    attempted: int = 0
    acknowledged: int = 0
    unknown: int = 0
    stored: int = 0
    cancelled: int = 0
    pressed_again: int = 0


@dataclass(slots=True)
class Story:
    """
    Everything known at the end of a campaign.

    Attributes:
        shape: `mono` or `micro`.
        outcomes: the hazards that were tried, in order.
        skipped: those that this runtime cannot do, and why.
        not_reached: those for which there was no time.
        good_sessions: share of the load's sessions all of whose answers were right; NaN without any.
        checked: the invariants at the end, T1 and T2 included.
    """

    shape: str
    outcomes: list[HazardOutcome] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    not_reached: list[str] = field(default_factory=list)
    orders: Orders = field(default_factory=Orders)
    sessions: int = 0
    good_sessions: float = nan
    checked: Checked = field(default_factory=Checked)

    @property
    def survived(self) -> list[HazardOutcome]:
        return [each for each in self.outcomes if each.recovery is not None and each.doubt is None]

    @property
    def confirmed(self) -> list[HazardOutcome]:
        return [each for each in self.outcomes if each.evidence is not None]

    def faults(self) -> list[str]:
        """Return the failures of the shop or of the campaign; empty if every invariant held."""
        found = [f"{each.invariant} {each.subject}: {each.detail}" for each in self.checked.violations]
        found += [f"{name} is unknown: {why}" for name, why in self.checked.unchecked.items()]
        found += [
            f"not recovered after {each.step.hazard} (step {each.step.number}): {each.sick}"
            for each in self.outcomes
            if each.sick is not None
        ]
        if not self.confirmed:
            found.append("there is no evidence that any hazard was active: nothing was tested")
        if not self.orders.acknowledged:
            found.append("no order was acknowledged: nothing was tested")
        return found

    def as_json(self) -> dict[str, Any]:
        recovery = sorted(each.recovery for each in self.survived if each.recovery is not None)
        figures = {
            "hazards_tried": len(self.outcomes),
            "hazards_confirmed": len(self.confirmed),
            "hazards_survived": len(self.survived),
            "recovery_median_s": recovery[len(recovery) // 2] if recovery else None,
            "recovery_longest_s": recovery[-1] if recovery else None,
            "violations": len(self.checked.violations),
        }
        good = None if isnan(self.good_sessions) else self.good_sessions
        return {**asdict(self), "good_sessions": good, "figures": figures, "faults": self.faults()}


def orders(attempts: Sequence[Attempt], books: PaymentBooks, pressed_again: int) -> Orders:
    ends = Counter(attempt.outcome for attempt in attempts)
    states = Counter(order.state for order in books.orders)
    return Orders(
        attempted=len({attempt.key for attempt in attempts}),
        acknowledged=ends["acknowledged"],
        unknown=ends["unknown"],
        stored=states["paid"],
        cancelled=states["cancelled"],
        pressed_again=pressed_again,
    )


def check_known(attempts: Sequence[Attempt], books: PaymentBooks) -> Checked:
    """T1: check the ledger against the clients; the invariants check the clients against the ledger."""
    open_to = {attempt.key for attempt in attempts if attempt.outcome != "refused"}
    paid = [order for order in books.orders if order.state in {"charged", "paid"}]
    return Checked(
        {KNOWN_ORDERS: len(paid)},
        [
            Violation(
                KNOWN_ORDERS, order.id, f"it is {order.state}, but no client was told so or left without an answer"
            )
            for order in paid
            if order.idempotency_key not in open_to
        ],
    )


def check_once(purchases: Sequence[Purchase], books: PaymentBooks) -> Checked:
    """T2: of all orders that were placed for one filled cart, under whatever key, one is paid at most."""
    paid = {order.idempotency_key: order.id for order in books.orders if order.state in {"charged", "paid"}}
    violations = []
    for purchase in purchases:
        found = [paid[key] for key in purchase.keys if key in paid]
        if len(found) > 1:
            violations.append(Violation(ONE_FOR_A_CART, found[0], f"{found[1]} is paid as well, for the same cart"))
    return Checked({ONE_FOR_A_CART: len(purchases)}, violations)
