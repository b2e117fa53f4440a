"""
Costs over several rates: a slope and an intercept for each split, and from them the prices of calls and processes.

At one rate, what an idle process uses looks like a cost of the requests, and the fewer requests, the more.
Over several rates CPU time is a line (the utilisation law): U = intercept + slope x rate.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twinshop.lab.experiments.communication.design import AGAIN
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.intervals import Interval
from twinshop.lab.statistics.intervals import mean as mean_of

FEWEST_RATES = 3
SLOPE, INTERCEPT = "slope_cpu_ms_per_session", "intercept_cpu_ms_per_s"
SLOPE_KERNEL, INTERCEPT_KERNEL = "slope_cpu_and_kernel_ms_per_session", "intercept_cpu_and_kernel_ms_per_s"
COUNTED: Mapping[str, tuple[str, str]] = {
    "the shop's own processes": (SLOPE, INTERCEPT),
    "everything, with the kernel time charged to no container": (SLOPE_KERNEL, INTERCEPT_KERNEL),
}
"""Figures by what is counted."""
TERMS = 4
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """
    A split held at one rate.

    Attributes:
        rate: good sessions a second.
        seconds: that counted.
        used, used_with_kernel: CPU ms a second, of the shop's own processes, and of everything with the kernel's.
    """

    rate: float
    seconds: float
    used: float
    used_with_kernel: float


@dataclass(frozen=True, slots=True)
class Prices:
    """
    The two prices of a split, fitted in each block over all its splits and rates.

    Attributes:
        call: CPU ms that a call to another process costs.
        process: CPU ms a second that a process more costs, however few sessions come.
    """

    call: Interval
    process: Interval


def held(trial: Trial) -> list[Held]:
    """Every rate at which a trial was held; none where it was held at one rate only."""
    detail = trial.outcome.detail
    others = [row for row in detail.get("rates", ()) if row["invalid"] is None]
    if not others:
        return []
    apps, processors = detail["apps"], detail["processors"]
    return [_held(row, apps, processors) for row in (detail["held"], *others)]


def _held(row: Mapping[str, Any], apps: Sequence[str], processors: int) -> Held:
    seconds: float = row["seconds"]
    total = sum(row["cpu_seconds"].values()) + (row["stolen_ratio"] or 0.0) * seconds * processors
    used = sum(row["cpu_seconds"][name] for name in apps)
    rate = row["sessions"] * (row["good_ratio"] or 0.0) / seconds
    return Held(rate, seconds, 1e3 * used / seconds, 1e3 * total / seconds)


def with_lines(trial: Trial) -> Trial:
    """Return the trial with slope and intercept of both ways to count, if it was held at enough rates."""
    points = held(trial)
    if len({round(point.rate, 3) for point in points}) < FEWEST_RATES:
        return trial
    weight, rate = np.array([_weight(point) for point in points]), np.array([point.rate for point in points])
    terms = np.column_stack([rate, np.ones_like(rate)]) * weight[:, None]
    found: dict[str, float] = {}
    for names, used in (
        ((SLOPE, INTERCEPT), [point.used for point in points]),
        ((SLOPE_KERNEL, INTERCEPT_KERNEL), [point.used_with_kernel for point in points]),
    ):
        line = np.linalg.lstsq(terms, np.array(used) * weight, rcond=None)[0]
        found |= dict(zip(names, map(float, line), strict=True))
    return replace(trial, outcome=replace(trial.outcome, figures={**trial.outcome.figures, **found}))


def _weight(point: Held) -> float:
    """The CPU time used in some seconds is a sum over sessions, whose variance grows with their number."""
    return float(np.sqrt(point.seconds / max(point.rate, 1e-9)))


def fit(points: Sequence[tuple[Held, float, float]], *, kernel: bool = False) -> tuple[float, float]:
    """
    Return what a call costs (ms), and a process more (ms a second), by weighted least squares over one block.

    The model: U = rate x (session + call x calls) + base + process x processes. A call costs for each session, and a
    process for each second; with a single rate, or splits that do not differ in both, these are one and the same.

    Args:
        points: of a block, each with its split's remote calls a session and processes beyond one.
        kernel: whether the kernel's time counts.

    Raises:
        ValueError: they cannot be told apart.
    """
    weight = np.array([_weight(point) for point, *_ in points])
    terms = np.array([[point.rate, 1.0, point.rate * calls, more] for point, calls, more in points])
    used = np.array([point.used_with_kernel if kernel else point.used for point, *_ in points])
    found, _, rank, _ = np.linalg.lstsq(terms * weight[:, None], used * weight, rcond=None)
    if rank < TERMS:
        raise ValueError("Calls and processes cannot be told apart: it takes several rates, and splits of both kinds.")
    return float(found[2]), float(found[3])


def prices(trials: Sequence[Trial], calls: str, *, kernel: bool = False) -> Prices | None:
    """
    Return both prices with their intervals over the blocks; None where no block tells them apart.

    `calls`: the figure with the remote calls of a session.
    """
    blocks: dict[int, list[tuple[Held, float, float]]] = {}
    for trial in trials:
        if trial.valid and trial.spec.arm != AGAIN:
            figures = trial.outcome.figures
            rows = [(point, figures[calls], figures["processes"] - 1) for point in held(trial)]
            blocks.setdefault(trial.spec.block, []).extend(rows)
    found = []
    for points in blocks.values():
        with suppress(ValueError):
            found.append(fit(points, kernel=kernel))
    if not found:
        return None
    return Prices(mean_of([call for call, _ in found]), mean_of([process for _, process in found]))
