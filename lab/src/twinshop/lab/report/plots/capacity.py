"""How much a shop carries, and what becomes of its latency on the way there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from twinshop.lab.report import style


@dataclass(frozen=True, slots=True)
class CapacityPoint:
    """What was carried with so much of the resource; `low` and `high` are its interval, NaN if there is none."""

    resource: float
    capacity: float
    low: float = nan
    high: float = nan


@dataclass(frozen=True, slots=True)
class LatencyPoint:
    """The median latency and that of the tail at one offered rate."""

    rate: float
    p50_ms: float
    tail_ms: float


def capacity(
    arms: Mapping[str, Sequence[CapacityPoint]],
    *,
    x: str,
    y: str,
    fits: Mapping[str, Callable[[float], float]] | None = None,
) -> Figure:
    """
    Capacity against resources, with intervals, the fitted curve of each arm, and ideal growth from the first arm's.

    Args:
        arms: arm to its points, in any order.
        x: what the resource is.
        y: what the capacity is, with its unit.
        fits: arm to a function of the resource; drawn within the resources that were measured.

    Example:
        `capacity({"mono": [CapacityPoint(1, 40, 38, 41), CapacityPoint(2, 75)]}, x="processors", y="sessions/s")`
    """
    figure, (axes,) = style.canvas(3.4)
    largest = max((point.resource for points in arms.values() for point in points), default=1.0)
    for name, points in arms.items():
        look = style.arm(name, tuple(arms))
        ordered = sorted(points, key=lambda point: point.resource)
        at, value = ([getattr(point, field) for point in ordered] for field in ("resource", "capacity"))
        known = [(point.resource, point.low, point.high) for point in ordered if point.low <= point.high]
        for place, low, high in known:
            axes.plot([place, place], [low, high], color=look.colour, linewidth=1.4)
        fit = (fits or {}).get(name)
        style_of_line = {**look.line, **look.point}
        if fit is None:
            axes.plot(at, value, label=name, **style_of_line)
        elif at:
            curve = np.linspace(at[0], at[-1], 100)
            axes.plot(curve, [fit(float(each)) for each in curve], **look.line)
            axes.plot(at, value, linestyle="", **look.point)
            axes.plot([], [], label=name, **style_of_line)
    first = next((min(points, key=lambda point: point.resource) for points in arms.values() if points), None)
    if first is not None:
        slope = first.capacity / first.resource
        axes.plot(
            [0, largest], [0, slope * largest], color=style.light("muted"), linewidth=1, linestyle=":", label="ideal"
        )
    axes.set(xlabel=x, ylabel=y, xlim=(0, largest * 1.04))
    axes.set_ylim(bottom=0)
    style.legend_above(figure, axes)
    return figure


def hockey_stick(
    curves: Mapping[str, Sequence[LatencyPoint]], *, slo_ms: float, slo: str = "", tail: str = "p99"
) -> Figure:
    """
    Latency against the offered rate: the median thin, the tail thick, on a logarithmic axis; the objective is a line.

    Args:
        curves: arm to its points, in any order.
        slo_ms: the bound of the objective.
        slo: its name, such as `objective: p99 ≤ 200 ms`.
        tail: which quantile that of the tail is.

    Example:
        `hockey_stick({"mono": [LatencyPoint(5, 8, 20), LatencyPoint(40, 12, 900)]}, slo_ms=200)`
    """
    figure, (axes,) = style.canvas(3.4)
    for name, points in curves.items():
        look = style.arm(name, tuple(curves))
        ordered = sorted(points, key=lambda point: point.rate)
        rates = [point.rate for point in ordered]
        axes.plot(rates, [point.tail_ms for point in ordered], label=f"{name}, {tail}", **look.line | look.point)
        thin = {**look.line, "linewidth": 0.9}
        axes.plot(rates, [point.p50_ms for point in ordered], label=f"{name}, median", **thin)
    words = slo or f"objective: {slo_ms:g} ms"
    axes.axhline(slo_ms, color=style.light("alarm"), linewidth=1.2, label=words)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel="sessions offered a second", ylabel="latency, ms")
    axes.set_xlim(left=0)
    style.legend_above(figure, axes)
    return figure
