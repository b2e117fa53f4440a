"""The plan for a load: how many processors, replicas and bytes, and what they cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite

import numpy as np

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.scaling.objective import TAIL
from twinshop.lab.plan.growing import more_than_linear
from twinshop.lab.plan.model import Fitted, Model
from twinshop.lab.plan.queueing import utilisation_of, waiting

GIB = 1 << 30
FEWEST_TRIALS = 3
"""Of a shape."""
MOST_TIMES = 2
"""The highest measured rate, beyond which no plan is made: another size has to be measured."""


@dataclass(frozen=True, slots=True)
class Range:
    """A value and its 95 % interval; an end is infinite where no size will do in more than 2.5 % of the resamples."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Goal:
    """
    The load to plan for.

    Attributes:
        rate: requests a second.
        latency_ms: bounds of quantiles, by percent.
        workers: processors (and workers) of a replica, which share its queue.
        prices: of a processor and of a GiB, for an hour; None if they were not given.
    """

    rate: float
    latency_ms: Mapping[str, float]
    workers: int = 1
    prices: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the shop needs; `replicas` is None for a store or the edge, of which there is one."""

    replicas: Range | None
    processors: Range
    memory_bytes: Range


@dataclass(frozen=True, slots=True)
class Sized:
    """
    The plan for one shape.

    Attributes:
        utilisation: of its processors, at which the goal is just kept.
        latency_ms: what is then expected, by percent.
        cost_per_hour: in the currency of the prices; None without prices.
        warnings: what the reader must know.
    """

    shape: str
    goal: Goal
    utilisation: Range
    latency_ms: Mapping[str, Range]
    parts: Mapping[str, Part]
    processors: Range
    memory_bytes: Range
    cost_per_hour: Range | None
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Need:
    """By one model: replicas (0 for a store), processors and bytes of each part; all infinite where no size will do."""

    utilisation: float
    parts: Mapping[str, tuple[float, float, float]]

    def sum(self, column: int) -> float:
        return sum(row[column] for row in self.parts.values())


def size(fitted: Fitted, goal: Goal) -> Sized:
    """
    The plan.

    Raises:
        LabError: no size will do.
    """
    _require_reachable(fitted, goal)
    growth = more_than_linear(fitted, goal.rate)
    best = _need(fitted, fitted.best, goal, growth)
    again = [_need(fitted, model, goal, growth) for model in fitted.again]

    def ranged(of: Callable[[_Need], float]) -> Range:
        return interval(of(best), [of(each) for each in again])

    def part(name: str) -> Part:
        replicas = ranged(lambda need: need.parts[name][0]) if name in fitted.data.processes else None
        return Part(replicas, ranged(lambda need: need.parts[name][1]), ranged(lambda need: need.parts[name][2]))

    cost = None
    if goal.prices is not None:
        processor, gib = goal.prices
        cost = ranged(lambda need: need.sum(1) * processor + need.sum(2) / GIB * gib)
    return Sized(
        fitted.data.shape,
        goal,
        ranged(lambda need: need.utilisation),
        {q: _expected(fitted, goal, best, q, growth) for q in goal.latency_ms},
        {name: part(name) for name in best.parts},
        ranged(lambda need: need.sum(1)),
        ranged(lambda need: need.sum(2)),
        cost,
        _warnings(fitted, goal, best),
    )


def require_known(fitted: Fitted, goal: Goal) -> None:
    """
    Refuse a plan that the run cannot support.

    Raises:
        LabError: fewer than three trials of this shape with whole processors, whose differences are then unknown; or a
            load so far beyond the measured ones that the plan would be a guess, whatever its interval says.
    """
    shape, trials = fitted.data.shape, len({point.trial for point in fitted.data.queued})
    if trials < FEWEST_TRIALS:
        raise UsageError(
            f"This run cannot plan {shape}: it has {trials} valid {'trial' if trials == 1 else 'trials'} with whole "
            f"processors, and how much trials differ takes {FEWEST_TRIALS}. Measure them: "
            f"twinshop run scaling --effort full --repeats {FEWEST_TRIALS}"
        )
    most = MOST_TIMES * fitted.highest_rate
    if goal.rate > most:
        raise UsageError(
            f"{shape}: {goal.rate:,.0f} requests/s are {goal.rate / fitted.highest_rate:.3g} times the "
            f"{fitted.highest_rate:,.0f} that were measured, and beyond {MOST_TIMES} times nothing shows what changes. "
            f"Plan up to {most:,.0f}, or measure a larger size: scaling uses all processors of a machine with more."
        )


def interval(value: float, resampled: Sequence[float]) -> Range:
    """Percentiles of the resamples, made to hold the value itself; none (infinite ends) without resamples."""
    if not resampled:
        return Range(value, -inf, inf)
    low, high = np.percentile(np.array(resampled), [2.5, 97.5], method="nearest")
    return Range(value, min(float(low), value), max(float(high), value))


def allowed(model: Model, goal: Goal) -> float:
    """The utilisation at which all bounds are just kept; 0 or less if one is below what a request takes by itself."""
    wait = min(model.laws[q].wait_for(bound) for q, bound in goal.latency_ms.items())
    return -1.0 if wait < 0 else utilisation_of(goal.workers, wait)


def _need(fitted: Fitted, model: Model, goal: Goal, growth: float) -> _Need:
    """Never busier than was measured: beyond the highest measured utilisation, latency is unknown."""
    used = min(allowed(model, goal), fitted.best.utilisations[1])
    parts = {}
    for name in sorted(model.demands, key=lambda name: name not in fitted.data.processes):
        demand = model.demands[name]
        load = demand.seconds * goal.rate * growth
        memory = model.memory_bytes.get(name, 0.0)
        room = used * goal.workers - demand.idle
        if used <= 0 or (name in fitted.data.processes and room <= 0):
            parts[name] = (inf, inf, inf)
        elif name in fitted.data.processes:
            replicas = max(1, ceil(load / room))
            parts[name] = (replicas, (load + replicas * demand.idle) / used, replicas * goal.workers * memory)
        else:
            parts[name] = (0, (load + demand.idle) / used, memory)
    return _Need(max(used, 0.0), parts)


def _expected(fitted: Fitted, goal: Goal, best: _Need, q: str, growth: float) -> Range:
    """Of a quantile, with the processors of the best plan, by each model."""

    def latency(model: Model) -> float:
        used = sum(
            demand.seconds * goal.rate * growth + demand.idle * max(1.0, best.parts[name][0])
            for name, demand in model.demands.items()
        )
        wait = waiting(goal.workers, used / best.sum(1))
        return model.laws[q](wait) if isfinite(wait) else inf

    return interval(latency(fitted.best), [latency(model) for model in fitted.again])


def _require_reachable(fitted: Fitted, goal: Goal) -> None:
    for q, bound in goal.latency_ms.items():
        floor = interval(fitted.best.laws[q].floor, [model.laws[q].floor for model in fitted.again])
        if bound <= floor.value:
            raise UsageError(
                f"{fitted.data.shape}: p{q} of {bound:g} ms cannot be reached at any size: without a queue it is "
                f"already {floor.value:.3g} ms [{floor.low:.3g}, {floor.high:.3g}]."
            )


def _warnings(fitted: Fitted, goal: Goal, best: _Need) -> list[str]:
    found = []
    lowest, highest = fitted.best.utilisations
    wanted = allowed(fitted.best, goal)
    if goal.rate > fitted.highest_rate:
        times = goal.rate / fitted.highest_rate
        grows = (
            "growth follows the law fitted to the budgets"
            if fitted.law is not None
            else f"growth in proportion is assumed, because no contention was identified ({fitted.no_law})"
        )
        most = f"{times:.3g} times the measured {fitted.highest_rate:,.0f}"
        found.append(f"{goal.rate:,.0f} requests/s are {most}: {grows}.")
    if wanted > highest:
        found.append(
            f"The latency would allow a utilisation above {highest:.0%}, but no higher one was measured or planned."
        )
    if wanted < lowest:
        found.append(
            f"The latency allows {wanted:.0%} of the processors, less than the {lowest:.0%} that were measured."
        )
    requests = sum(point.requests for point in fitted.data.queued)
    for q in goal.latency_ms:
        beyond = requests * (1 - int(q) / 100)
        if beyond < TAIL:
            found.append(
                f"p{q} rests on {requests:,} requests, {beyond:.0f} of them beyond it; it should be {TAIL} or more."
            )
    stores = [f"{name} {best.parts[name][1]:.1f}" for name in best.parts if name not in fitted.data.processes]
    big = [name for name in best.parts if name not in fitted.data.processes and best.parts[name][1] > 1]
    if big:
        found.append(
            f"There is one of each store and of the edge ({', '.join(stores)} processors). Whether one of them "
            f"can use as many, and its memory with more data, was not measured: {', '.join(big)}."
        )
    return found
