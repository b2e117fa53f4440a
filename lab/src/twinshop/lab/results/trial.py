"""A trial: its specification and its outcome."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

AGAIN = " again"
"""An arm `mono again` is the same as `mono`: between the two there is nothing but noise (the A/A pair)."""

OLD_FIGURES: Mapping[str, str] = {"hurt_s": "affected_s", "bad_hurt_s": "bad_affected_s"}
"""Names in stored runs of version 0.1 that have changed since."""


@dataclass(frozen=True, slots=True)
class Spec:
    """
    Specification of a trial.

    Attributes:
        experiment: such as `startup`.
        arm: what is compared within a block, such as `mono`, `micro`, `mono x2`.
        block: trials of one block are run one right after the other, in balanced random order, and compared.
        factors: what else was set, the same for all arms of a block: runtime, fault, rate in sessions a second, …
    """

    experiment: str
    arm: str
    block: int
    factors: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Outcome of a trial.

    Attributes:
        figures: each named with its unit: `first_page_s`, `idle_memory_bytes`, `goodput_per_s`, `good_ratio`.
        detail: series and tables, as JSON.
        void: why the trial does not count (the load generator was late, the load was not stationary); it is listed.
    """

    figures: Mapping[str, float]
    detail: Mapping[str, Any] = field(default_factory=dict)
    void: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """
    A completed trial.

    Attributes:
        id: its folder in the run, such as `isolation-0007`.
        position: its place in the order of the whole run, from 0.
        started: UTC, ISO 8601.
        seconds: how long it took.
    """

    id: str
    spec: Spec
    position: int
    started: str
    seconds: float
    outcome: Outcome

    @property
    def valid(self) -> bool:
        return self.outcome.void is None

    def voided(self, why: str) -> "Trial":
        return replace(self, outcome=replace(self.outcome, void=why))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Trial":
        """Read a stored trial, also of an older run."""
        outcome = Outcome(**data["outcome"])
        figures = {OLD_FIGURES.get(name, name): value for name, value in outcome.figures.items()}
        return cls(**{**data, "spec": Spec(**data["spec"]), "outcome": replace(outcome, figures=figures)})
