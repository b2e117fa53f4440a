"""Ratios and their intervals."""

from collections.abc import Sequence
from math import isnan

from matplotlib.figure import Figure

from twinshop.lab.report import style
from twinshop.lab.statistics.verdict import EQUIVALENCE, Comparison

MANY = 8
"""Rows; a longer chart has the numbers of its axis above it too."""
ROOM = 3.0
"""Beyond the smallest and the largest ratio by this factor an interval is cut off."""


def forest(rows: Sequence[tuple[str, Comparison]]) -> Figure:
    """
    One row for each comparison: the ratio as a point, its 95 % interval as a line, on a logarithmic axis.

    It is drawn as the arm that is better. The ground within which two arms are called equivalent is shaded. A
    comparison without an interval shows its ratio as a hollow point.

    Example:
        `forest([("first page, warm", compare(trials, "first_page_s", "mono", "micro", smaller_is_better=True))])`
    """
    shown = [(words, each) for words, each in rows if not isnan(each.ratio)]
    names = style.wrap(words for words, _ in shown)
    figure, (axes,) = style.canvas(0.85 + (0.18 + 0.14 * style.lines(names)) * len(shown))
    axes.axvspan(1 - EQUIVALENCE, 1 + EQUIVALENCE, color=style.light("line"), linewidth=0, zorder=0)
    axes.axvline(1, color=style.light("muted"), linewidth=0.9)
    for at, (_, each) in enumerate(shown):
        winner = {"better": each.other, "worse": each.baseline}.get(each.verdict)
        look = style.arm(winner) if winner else style.NO_ARM
        bare = isnan(each.low)
        if not bare:
            axes.plot([each.low, each.high], [at, at], color=look.colour, solid_capstyle="butt")
        face = style.light("ground") if bare else look.colour
        axes.plot([each.ratio], [at], look.marker, color=look.colour, markerfacecolor=face, markersize=6)
    low, high = _range([each for _, each in shown])
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    style.ratio_axis(axes.xaxis, low, high)
    axes.set_yticks(range(len(shown)), names)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", top=False, labeltop=len(shown) > MANY)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("ratio, with its 95 % interval")
    return figure


def _range(shown: Sequence[Comparison]) -> tuple[float, float]:
    """So that all ratios are seen, and all of their intervals that are not far longer than the effects."""
    ratios = [each.ratio for each in shown]
    ends = [end for each in shown for end in (each.ratio, each.low, each.high) if not isnan(end)]
    low = max(min([*ends, 0.9]) / 1.05, min([*ratios, 0.9]) / ROOM)
    return low, min(max([*ends, 1.1]) * 1.05, max([*ratios, 1.1]) * ROOM)
