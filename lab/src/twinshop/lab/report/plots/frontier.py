"""Two costs of many things, and which of them no other beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan

from matplotlib.figure import Figure

from twinshop.lab.report import style
from twinshop.lab.report.plots.labels import Label, place


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """
    One thing.

    Attributes:
        label: empty: none.
        best: no other is better in both; such points are joined.
        low, high: the interval of x; NaN if there is none.
        measured: otherwise it was computed, and is drawn small and hollow.
    """

    x: float
    y: float
    label: str
    best: bool = False
    low: float = nan
    high: float = nan
    measured: bool = True


def frontier(points: Sequence[FrontierPoint], *, x: str, y: str) -> Figure:
    """
    Every thing at its two costs: the lower left is best.

    Args:
        points: in any order; the labels of the best ones find a place first.
        x: what the first cost is, with the unit.
        y: the second.

    Example:
        `frontier([FrontierPoint(1.0, 0.9, "mono", best=True), FrontierPoint(1.9, 0.2, "micro")], x="cost", y="loss")`
    """
    figure, (axes,) = style.canvas(4.0)
    best = sorted((point.x, point.y) for point in points if point.best)
    axes.step(
        [each[0] for each in best],
        [each[1] for each in best],
        where="post",
        color=style.light("muted"),
        linewidth=1.2,
        linestyle="--",
    )
    for point in points:
        look = style.arm(point.label) if point.label in {"mono", "micro"} else None
        colour = look.colour if look else style.light("ink" if point.best else "slate")
        if point.low <= point.high:
            axes.plot([point.low, point.high], [point.y, point.y], color=colour, linewidth=1.1)
        face = colour if point.measured else style.light("ground")
        axes.plot(
            [point.x],
            [point.y],
            marker=look.marker if look else "o",
            markersize=7 if point.best else 5 if point.measured else 4,
            color=colour,
            markerfacecolor=face,
            linestyle="",
        )
    axes.set(xlabel=x, ylabel=y)
    axes.margins(0.12)
    named = sorted((point for point in points if point.label), key=lambda point: (not point.best, not point.measured))
    labels = [Label(each.x, each.y, each.label, style.light("ink" if each.best else "muted")) for each in named]
    lines = [((each.low, each.y), (each.high, each.y)) for each in points if each.low <= each.high]
    for (left, high), (right, low) in pairwise(best):
        lines += [((left, high), (right, high)), ((right, low), (right, high))]
    place(figure, axes, labels, [(each.x, each.y) for each in points], lines)
    return figure
