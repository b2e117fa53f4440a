"""What more processors bring: speed-up, efficiency, and the Universal Scalability Law."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, nan
from statistics import fmean

import scipy

from twinshop.lab.experiments.scaling.case import ARMS
from twinshop.lab.experiments.scaling.cells import CAPACITY, Cell, values
from twinshop.lab.statistics.usl import Usl, fit_usl

GROWS_WELL = 0.8
"""Efficiency from which on growing is called worth its price."""


@dataclass(frozen=True, slots=True)
class Growth:
    """
    Capacity at one budget against that at the smallest.

    Attributes:
        cpus: the budget.
        times: how many times the smallest budget it is.
        speedup: how many times the capacity there is; geometric means.
        low, high: its 95 % interval (Welch's t on the logarithms); NaN with fewer than two trials of each budget.
        n: trials, at this budget.
        p: how often chance alone puts the efficiency as far from `GROWS_WELL`; 1 without an interval.
    """

    cpus: float
    times: float
    speedup: float
    low: float
    high: float
    n: int
    p: float = 1.0

    @property
    def efficiency(self) -> float:
        return self.speedup / self.times

    @property
    def efficiency_ends(self) -> tuple[float, float]:
        return self.low / self.times, self.high / self.times


def growth(curve: Sequence[Cell], arm: str) -> list[Growth]:
    """Of one arm over the budgets of one mix, smallest first; empty where it was measured with fewer than two."""
    measured = [
        (cell.cpus, logs) for cell in curve if (logs := [log(v) for v in values(cell.arms.get(arm, ()), CAPACITY)])
    ]
    if len(measured) < 2:  # noqa: PLR2004
        return []
    (smallest, base), *_ = measured
    rows = []
    for cpus, logs in measured:
        low, high, p = (nan, nan, 1.0) if cpus == smallest else _ends(logs, base, log(GROWS_WELL * cpus / smallest))
        speedup = exp(fmean(logs) - fmean(base))
        rows.append(Growth(cpus, cpus / smallest, speedup, exp(low), exp(high), len(logs), p))
    return rows


def _ends(logs: Sequence[float], base: Sequence[float], well: float) -> tuple[float, float, float]:
    """The interval of the difference, and the p of its distance from `well`, twice for both sides."""
    if min(len(logs), len(base)) < 2 or len({*logs}) == len({*base}) == 1:  # noqa: PLR2004
        return nan, nan, 1.0
    found = scipy.stats.ttest_ind(logs, base, equal_var=False).confidence_interval()
    against = scipy.stats.ttest_ind([each - well for each in logs], base, equal_var=False)
    return float(found.low), float(found.high), float(against.pvalue)


def laws(curve: Sequence[Cell]) -> dict[str, Usl]:
    """The law of each arm that was measured."""
    return {arm: law for arm in ARMS if (law := usl(curve, arm)) is not None}


def usl(curve: Sequence[Cell], arm: str) -> Usl | None:
    """The fit to all trials of an arm, N in smallest budgets; None where it was not measured."""
    sizes = [cell.cpus for cell in curve if values(cell.arms.get(arm, ()), CAPACITY)]
    points = [
        (cell.cpus / min(sizes), capacity) for cell in curve for capacity in values(cell.arms.get(arm, ()), CAPACITY)
    ]
    return fit_usl(points) if points else None
