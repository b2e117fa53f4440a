"""What more processors bring: speed-up, efficiency, and the Universal Scalability Law."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, nan
from statistics import fmean

from scipy import stats

from twinshop.lab.experiments.scaling.case import ARMS
from twinshop.lab.experiments.scaling.cells import CAPACITY, Cell, values
from twinshop.lab.statistics.usl import Usl, fit_usl


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
    """

    cpus: float
    times: float
    speedup: float
    low: float
    high: float
    n: int

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
        low, high = (0.0, 0.0) if cpus == smallest else _ends(logs, base)
        speedup = exp(fmean(logs) - fmean(base))
        rows.append(Growth(cpus, cpus / smallest, speedup, exp(low), exp(high), len(logs)))
    return rows


def _ends(logs: Sequence[float], base: Sequence[float]) -> tuple[float, float]:
    if min(len(logs), len(base)) < 2 or len({*logs}) == len({*base}) == 1:  # noqa: PLR2004
        return nan, nan
    found = stats.ttest_ind(logs, base, equal_var=False).confidence_interval()
    return float(found.low), float(found.high)


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
