"""
The search for a capacity: the highest rate at which a shop still keeps its objective.

A geometric bracket, then bisection on the logarithm of the rate (Theodolite's binary search, which trusts that what
fails at a rate fails at any higher one), then confirmation: a measurement is noisy, so a rate counts only when further
probes at it pass, all of them; when one does not, the next lower rate is tried.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal

Status = Literal["found", "never met", "always met", "not confirmed"]
Kind = Literal["search", "confirm"]
Probe = Callable[[float, Kind], bool]
"""Whether the objective was met at this rate; a confirmation is the longer kind."""


@dataclass(frozen=True, slots=True)
class Search:
    """
    How to search; rates are in sessions a second.

    Attributes:
        start: the first rate that is tried, best a little below the capacity that is expected.
        lowest, highest: no rate beyond is tried.
        factor: the first step of the bracket; each further one is the square of the one before.
        tolerance: the bisection ends when the lowest failed rate is at most this much above the highest met one.
        confirmations: probes that must pass at the capacity.
        most_probes: of both kinds together.
    """

    start: float
    lowest: float
    highest: float
    factor: float = 1.2
    tolerance: float = 0.05
    confirmations: int = 3
    most_probes: int = 20


@dataclass(slots=True)
class Found:
    """
    What a search came to.

    Attributes:
        status: `found`: `capacity` is confirmed. `never met`: not even at the lowest rate. `always met`: up to the
            highest rate, which is then the `capacity`, a lower bound. `not confirmed`: out of probes.
        capacity: NaN unless found or always met.
        failed: the lowest rate above it at which the objective was missed; NaN if there is none.
        tried: all probes in order: rate, kind, whether it passed.
    """

    status: Status = "not confirmed"
    capacity: float = float("nan")
    failed: float = float("nan")
    tried: list[tuple[float, Kind, bool]] = field(default_factory=list)

    @property
    def contradictions(self) -> int:
        """Probes that failed at a rate at which, or above which, another passed: how noisy the answers were."""
        passed = [rate for rate, _, ok in self.tried if ok]
        return sum(not ok and any(rate <= other for other in passed) for rate, _, ok in self.tried)


class _OutOfProbesError(Exception):
    pass


def find(probe: Probe, search: Search) -> Found:
    """Search; what the probe raises goes through."""
    found = Found()

    def met(rate: float, kind: Kind = "search") -> bool:
        if len(found.tried) >= search.most_probes:
            raise _OutOfProbesError
        ok = probe(rate, kind)
        found.tried.append((rate, kind, ok))
        return ok

    try:
        low, high = _bracket(met, search)
        if low is not None and high is not None:
            low, high = _bisect(met, low, high, search.tolerance)
        _confirm(met, low, high, search, found)
    except _OutOfProbesError:
        found.status = "not confirmed"
    return found


def _bracket(met: Callable[[float], bool], search: Search) -> tuple[float | None, float | None]:
    """The highest rate met and the lowest missed so far; None where the range ended before there was one."""
    rate, step = min(max(search.start, search.lowest), search.highest), search.factor
    up = met(rate)
    while True:
        known = rate
        if known >= search.highest if up else known <= search.lowest:
            return (known, None) if up else (None, known)
        rate = min(known * step, search.highest) if up else max(known / step, search.lowest)
        step *= step
        if met(rate) != up:
            return (known, rate) if up else (rate, known)


def _bisect(met: Callable[[float], bool], low: float, high: float, tolerance: float) -> tuple[float, float]:
    while high > low * (1 + tolerance):
        middle = sqrt(low * high)
        low, high = (middle, high) if met(middle) else (low, middle)
    return low, high


def _confirm(
    met: Callable[[float, Kind], bool], low: float | None, high: float | None, search: Search, found: Found
) -> None:
    """Go down from `low` until all confirmations pass."""
    rate = low
    found.failed = float("nan") if high is None else high
    while rate is not None:
        if all(met(rate, "confirm") for _ in range(search.confirmations)):
            found.status = "always met" if high is None else "found"
            found.capacity = rate
            return
        high = found.failed = rate
        rate = max(rate / (1 + search.tolerance), search.lowest) if rate > search.lowest else None
    found.status = "never met"
