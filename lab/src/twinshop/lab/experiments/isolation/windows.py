"""Time windows of a fault trial: the whole seconds on which its figures rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Self

OLD_NAMES: Mapping[str, str] = {"planting": "injecting", "planted": "injected", "healed": "reverted"}
"""Names in stored runs of version 0.1 that have changed since."""


@dataclass(frozen=True, slots=True)
class Windows:
    """
    Seconds before, during and after a fault.

    All figures rest on whole seconds of the load, so that moments are known to a second; the health probe alone is
    finer. A ratio during the fault rests on `fault` seconds times the rate: 5 s at 15 sessions a second are about 75
    sessions, 7 or 8 of them checkouts, so that one checkout is 13 % of its journey.

    Attributes:
        base: before it.
        fault: those that count.
        hold: it goes on for so much longer. A visitor who is kept waiting is served after all if the fault ends before
            the visitor's patience does: such a fault goes on for as long as that, so that all who came in the seconds
            that count have suffered it to the end.
        after: its removal.
    """

    base: float
    fault: float
    hold: float
    after: float

    @property
    def seconds(self) -> float:
        return self.base + self.fault + self.hold + self.after


@dataclass(frozen=True, slots=True)
class Timestamps:
    """
    Timestamps of a fault trial, in seconds of the load.

    Attributes:
        base: the base window begins; the shop was healthy then.
        injecting: the fault may have begun.
        injected: it was active.
        counted: the seconds that count as those of the fault end.
        over: the removal of a lasting fault began.
        reverted: it was reverted.
        end: nothing else was done to the shop until then.
        lasting: whether it stayed until it was removed; a crash that is mended by itself is over at once.
    """

    base: float
    injecting: float
    injected: float
    counted: float
    over: float
    reverted: float
    end: float
    lasting: bool = True

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the timestamps of a stored trial, also of an older run."""
        return cls(**{OLD_NAMES.get(name, name): value for name, value in data.items()})

    @property
    def base_seconds(self) -> range:
        """Without the last one: its sessions may have been under way when the fault began."""
        return range(ceil(self.base), max(floor(self.injecting) - 1, ceil(self.base)))

    @property
    def fault_seconds(self) -> range:
        return range(ceil(self.injected), floor(self.counted))

    @property
    def after_seconds(self) -> range:
        return range(ceil(self.reverted), floor(self.end))

    @property
    def touched_seconds(self) -> range:
        """From the second in which it may have begun to the end."""
        return range(floor(self.injecting), floor(self.end))
