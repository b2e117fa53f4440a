"""Verdicts of the invariant checks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

INVARIANTS: Mapping[str, str] = {
    "I1": "no lost order: every acknowledged checkout exists once, paid, with its total",
    "I2": "no double charge: at most one successful charge for an idempotency key",
    "I3": "no phantom charge: money is kept only for orders that are paid",
    "I4": "stock conserved: initial = on hand + sold, never less than 0, sold = what paid orders hold",
    "I5": "money conserved: charges less refunds = totals of the paid orders, in the ledger and at the acquirer",
    "I6": "carts: an acknowledged addition is not lost, and made once",
    "I7": "every checkout ends: no order is left open",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """
    A violated invariant.

    Attributes:
        invariant: such as `I1`.
        subject: the order, product or cart.
        detail: what is wrong with it, in words and numbers.
    """

    invariant: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """
    The result of checks.

    Attributes:
        counted: how many cases were looked at, by invariant. With none of n violated, the rate of violations is below
            3 / n with 95 % confidence (the rule of three).
        violations: all of them.
        unchecked: invariants that could not be checked, and why; they are not kept, they are unknown.
    """

    counted: Mapping[str, int] = field(default_factory=dict)
    violations: Sequence[Violation] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Checked":
        return cls(data["counted"], [Violation(**each) for each in data["violations"]], data["unchecked"])


def together(checks: Iterable[Checked]) -> Checked:
    """Return several results as one."""
    counted: dict[str, int] = {}
    violations: list[Violation] = []
    unchecked: dict[str, str] = {}
    for check in checks:
        for invariant, number in check.counted.items():
            counted[invariant] = counted.get(invariant, 0) + number
        violations += check.violations
        unchecked |= check.unchecked
    return Checked(counted, violations, unchecked)
