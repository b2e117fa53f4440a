"""A shape's laws, and resamples of them: what a plan is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from statistics import median

import numpy as np

from twinshop.lab.errors import UsageError
from twinshop.lab.plan.demand import Demand, fit_demands, processors, wait_at
from twinshop.lab.plan.latency import Law, fit_law
from twinshop.lab.plan.points import QUANTILES, Measured, Point
from twinshop.lab.statistics.usl import Usl, fit_usl

RESAMPLES = 400
FEWEST_POINTS = 4
LEAST_SPREAD = 1.5
"""The highest rate / the lowest: without it, floor and slope of the latency cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Model:
    """
    Fitted to one sample.

    Attributes:
        demands: of each part.
        laws: of each quantile of the latency, by percent.
        memory_bytes: of a worker of each process, and of each other part; medians over the trials.
        utilisations: of the shop's processors, the lowest and highest that the laws were fitted to.
    """

    demands: Mapping[str, Demand]
    laws: Mapping[str, Law]
    memory_bytes: Mapping[str, float]
    utilisations: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fitted:
    """
    What there is to plan with.

    Attributes:
        best: fitted to all points.
        again: fitted to resamples of them.
        law: of scalability over budgets, N in smallest budgets, if it tells a contention; else `no_law` says why not.
    """

    data: Measured
    best: Model
    again: Sequence[Model]
    law: Usl | None
    no_law: str | None

    @property
    def highest_rate(self) -> float:
        """Requests a second at which the shape was held and kept up."""
        return max(point.rate for point in self.data.points)

    @property
    def largest_budget(self) -> float:
        """The largest with which a capacity was found, in whole processors."""
        return max(cpus for cpus, _ in _pinned(self.data))

    @property
    def smallest_budget(self) -> float:
        """The N of `law`, in processors."""
        return min(cpus for cpus, _ in _pinned(self.data))


def fit(data: Measured, *, seed: int = 1, resamples: int = RESAMPLES) -> Fitted:
    """
    Fit everything.

    Raises:
        LabError: the run is too small; the message says what is missing.
    """
    _require_enough(data)
    random = np.random.default_rng(seed)
    best = _model(data)
    if best is None:
        raise UsageError(f"{data.shape} used all its processors at every rate: there is nothing to fit to.")
    drawn = (resampled(data, random) for _ in range(resamples))
    again = [model for sample in drawn if _spread(sample) >= LEAST_SPREAD and (model := _model(sample)) is not None]
    law, why_not = _law(data)
    return Fitted(data, best, again, law, why_not)


def waits(data: Measured, demands: Mapping[str, Demand], points: Sequence[Point]) -> list[float]:
    """Of each point, as the demands have it: not as its own CPU time has it, which is not known beforehand."""
    return [wait_at(demands, point.rate, point.cpus, point.workers, data.processes) for point in points]


def _model(data: Measured) -> Model | None:
    """None if the shop was saturated, by these demands, at all points but one."""
    demands = fit_demands(data.points)
    own = data.queued
    known = [(wait, point) for wait, point in zip(waits(data, demands, own), own, strict=True) if isfinite(wait)]
    if len({wait for wait, _ in known}) < 2:  # noqa: PLR2004 - a line
        return None
    at = [wait for wait, _ in known]
    laws = {
        q: fit_law(at, [point.latency_ms[q] for _, point in known], [point.requests for _, point in known])
        for q in QUANTILES
    }
    parts = dict.fromkeys(part for row in data.memory_bytes for part in row)
    memory = {part: median(row[part] for row in data.memory_bytes if part in row) for part in parts}
    used = [processors(demands, point.rate) / point.cpus for _, point in known]
    return Model(demands, laws, memory, (min(used), max(used)))


def resampled(data: Measured, random: np.random.Generator) -> Measured:
    """Trials drawn with replacement, then the points within each: those of one trial are correlated."""
    by_trial: dict[str, list[Point]] = {}
    for point in data.points:
        by_trial.setdefault(point.trial, []).append(point)
    names = list(by_trial)
    points = [
        own[int(index)]
        for own in (by_trial[names[int(drawn)]] for drawn in random.integers(len(names), size=len(names)))
        for index in random.integers(len(own), size=len(own))
    ]
    rows = data.memory_bytes
    memory = [rows[int(drawn)] for drawn in random.integers(len(rows), size=len(rows))]
    return replace(data, points=points, memory_bytes=memory)


def _spread(data: Measured) -> float:
    """Of the rates that tell the latency; 0 with fewer than two."""
    rates = [point.rate for point in data.queued]
    return max(rates) / min(rates) if len(rates) > 1 else 0.0


def _require_enough(data: Measured) -> None:
    found = len(data.queued)
    if found < FEWEST_POINTS or not data.memory_bytes:
        raise UsageError(
            f"This run is too small to plan {data.shape} under {data.mix}: it has {found} valid rates and "
            f"{len(data.memory_bytes)} capacities with whole processors, and a plan needs {FEWEST_POINTS} "
            "rates and one capacity. A full run has them: twinshop run scaling --effort full"
        )
    if (spread := _spread(data)) < LEAST_SPREAD:
        raise UsageError(
            f"This run is too small to plan {data.shape} under {data.mix}: its highest valid rate is only "
            f"{spread:.1f} times the lowest, which does not show how latency grows with load."
        )


def _law(data: Measured) -> tuple[Usl | None, str | None]:
    """The Universal Scalability Law over pinned budgets, N in smallest budgets, if it tells a contention."""
    found = _pinned(data)
    if not found:
        return None, "no capacity was found"
    smallest = min(cpus for cpus, _ in found)
    law = fit_usl([(cpus / smallest, rate) for cpus, rate in found])
    if not law.fitted:
        return None, law.not_identified
    if not (law.a_ends[0] > 0 or law.b_ends[0] > 0):
        return None, "the intervals of contention and coherency reach 0"
    return law, None


def _pinned(data: Measured) -> list[tuple[float, float]]:
    """The capacities of whole processors: from a quota to them more changes than the size."""
    return [(cpus, rate) for cpus, rate in data.capacities if float(cpus).is_integer()]
