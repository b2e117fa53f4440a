"""Measured points predicted from the others: how far off the planner is where the truth is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, isinf, log
from statistics import fmean

import numpy as np
from scipy.optimize import brentq

from twinshop.lab.errors import LabError
from twinshop.lab.plan.demand import MOST_UTILISATION, processors, wait_at
from twinshop.lab.plan.model import Fitted, fit, waits
from twinshop.lab.plan.points import QUANTILES, Measured, Point
from twinshop.lab.plan.sizing import Range, interval

SAME_RATE = 1.12
"""Points whose rates differ by less are one rate, and are held out together."""
RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class HeldOut:
    """
    Something that was measured, predicted without it.

    Attributes:
        figure: `p99`, `processors`, `capacity`.
        at: requests a second, or the budget of a capacity in processors.
        outside: it lies beyond what the prediction was fitted to.
        predicted: with the interval in which a single measurement is expected.
    """

    figure: str
    at: float
    outside: bool
    measured: float
    predicted: Range

    @property
    def error(self) -> float:
        """Relative to what was measured."""
        return self.predicted.value / self.measured - 1

    @property
    def within(self) -> bool:
        return self.predicted.low <= self.measured <= self.predicted.high


@dataclass(frozen=True, slots=True)
class Checked:
    """`skipped`: what could not be held out, and why."""

    shape: str
    held: Sequence[HeldOut]
    skipped: Sequence[str]

    def of(self, figure: str, *, outside: bool | None = None) -> list[HeldOut]:
        return [each for each in self.held if each.figure == figure and outside in (None, each.outside)]


def mape(rows: Sequence[HeldOut]) -> float:
    """Mean absolute relative error."""
    return fmean(abs(each.error) for each in rows)


def coverage(rows: Sequence[HeldOut]) -> float:
    """The share of the measurements that lie in their intervals; 95 % is promised."""
    return fmean(each.within for each in rows)


def check(data: Measured, *, resamples: int = RESAMPLES) -> Checked:
    """
    Leave one rate out (latencies, processors used), then one size (capacities).

    Raises:
        LabError: the run is too small for any plan.
    """
    everything = fit(data, resamples=0)
    held: list[HeldOut] = []
    skipped: list[str] = []
    busy = [point for point in data.queued if isinf(waits(data, everything.best.demands, [point])[0])]
    if busy:
        skipped.append(
            f"{len(busy)} points at which more than {MOST_UTILISATION:.0%} was used: no latency is predicted there"
        )
    for group in rates(data.queued):
        words = f"the rate {group[0].rate:.0f} requests/s"
        kept = [point for point in data.points if point not in group]
        if (fitted := _fitted(replace(data, points=kept), words, skipped, resamples)) is not None:
            held += _latencies(fitted, group)
    for cpus in sorted({cpus for cpus, _ in data.capacities}):
        words = f"the size {cpus:g} processors"
        kept = [point for point in data.points if point.cpus != cpus]
        if not any(point.whole for point in kept):
            skipped.append(f"{words}: no other size of whole processors was measured")
            continue
        if (fitted := _fitted(replace(data, points=kept), words, skipped, resamples)) is not None:
            held += _capacities(fitted, cpus, [rate for size, rate in data.capacities if size == cpus])
    return Checked(data.shape, held, skipped)


def rates(points: Sequence[Point]) -> list[list[Point]]:
    """Points of about one rate, of all trials together, lowest first."""
    groups: list[list[Point]] = []
    for point in sorted(points, key=lambda point: point.rate):
        if groups and point.rate < SAME_RATE * groups[-1][0].rate:
            groups[-1].append(point)
        else:
            groups.append([point])
    return groups


def _fitted(data: Measured, words: str, skipped: list[str], resamples: int) -> Fitted | None:
    try:
        return fit(data, resamples=resamples)
    except LabError as error:
        skipped.append(f"{words}: {error}")
        return None


def _latencies(fitted: Fitted, group: Sequence[Point]) -> list[HeldOut]:
    known = [point.rate for point in fitted.data.queued]
    found = []
    for point in group:
        outside = not min(known) <= point.rate <= max(known)
        models = (fitted.best, *fitted.again)
        at = [waits(fitted.data, model.demands, [point])[0] for model in models]
        for q in QUANTILES if isfinite(at[0]) else ():
            value, *again = (model.laws[q](w) if isfinite(w) else inf for model, w in zip(models, at, strict=True))
            found.append(
                HeldOut(f"p{q}", point.rate, outside, point.latency_ms[q], _noisy(value, again, _noise(fitted, q)))
            )
        value, *again = (processors(model.demands, point.rate) for model in models)
        used = sum(point.cpu.values())
        found.append(HeldOut("processors", point.rate, outside, used, _noisy(value, again, _noise_of_use(fitted))))
    return found


def _noise(fitted: Fitted, q: str) -> list[float]:
    """Logarithms of measured / fitted, of the points that were fitted to."""
    points = fitted.data.queued
    at = waits(fitted.data, fitted.best.demands, points)
    law = fitted.best.laws[q]
    return _widened([log(point.latency_ms[q] / law(w)) for point, w in zip(points, at, strict=True) if isfinite(w)])


def _noise_of_use(fitted: Fitted) -> list[float]:
    demands = fitted.best.demands
    return _widened([log(sum(each.cpu.values()) / processors(demands, each.rate)) for each in fitted.data.points])


def _widened(residuals: Sequence[float]) -> list[float]:
    """Two parameters were fitted, which made them smaller."""
    spare = max(1, len(residuals) - 2)
    return [each * (len(residuals) / spare) ** 0.5 for each in residuals]


def _noisy(value: float, again: Sequence[float], noise: Sequence[float]) -> Range:
    """The interval of a single measurement: what the fits differ by, and what points differ from the fit by."""
    random = np.random.default_rng(1)
    drawn = random.choice(np.array(noise), size=(len(again), 8))
    return interval(value, [float(each * np.exp(one)) for each, row in zip(again, drawn, strict=True) for one in row])


def _capacities(fitted: Fitted, cpus: float, measured: Sequence[float]) -> list[HeldOut]:
    q, bound = fitted.data.objective
    workers: Mapping[str, int] = {"mono": -int(-cpus // 1)} if fitted.data.shape == "mono" else {}
    sizes = [point.cpus for point in fitted.data.points]

    def carried(model_index: int) -> float:
        model = (fitted.best, *fitted.again)[model_index]
        wait = model.laws[q].wait_for(bound)
        most = cpus / max(sum(each.seconds for each in model.demands.values()), 1e-12)

        def beyond(rate: float) -> float:
            return min(wait_at(model.demands, rate, cpus, workers, fitted.data.processes), 1e9) - min(wait, 1e8)

        return float(brentq(beyond, 0.0, most)) if beyond(0.0) < 0 else 0.0

    value, *again = (carried(index) for index in range(1 + len(fitted.again)))
    outside = not min(sizes) <= cpus <= max(sizes)
    tolerance = [-0.04, 0.04]  # a search ends within 8 % of the capacity
    return [HeldOut("capacity", cpus, outside, each, _noisy(value, again, tolerance)) for each in measured]
