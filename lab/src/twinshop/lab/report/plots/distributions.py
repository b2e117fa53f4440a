"""All values of each arm, and where the time went."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from twinshop.lab.report import style
from twinshop.lab.statistics.ecdf import ecdf as steps_of

FEWEST_FOR_A_BAND = 5


def ecdf(series: Mapping[str, Sequence[float]], *, x: str, log: bool = False) -> Figure:
    """
    The share of the values up to x, for each arm; every value is a step. From five values on with its 95 % band.

    Args:
        series: arm to values.
        x: what the values are, with the unit.
        log: a logarithmic x axis.

    Example:
        `ecdf({"mono": [2.1, 2.2, 2.4], "micro": [4.1, 4.4, 4.3]}, x="first completed order, s")`
    """
    figure, (axes,) = style.canvas(3.0)
    for name, values in series.items():
        if not len(values):
            continue
        look, steps = style.arm(name, tuple(series)), steps_of(values)
        xs = np.concatenate([steps.x[:1], steps.x])
        axes.step(xs, np.concatenate([[0.0], steps.share]), where="post", label=f"{name} (n = {steps.n})", **look.line)
        if steps.n >= FEWEST_FOR_A_BAND:
            axes.fill_between(steps.x, steps.low, steps.high, step="post", color=look.colour, alpha=0.14, linewidth=0)
    axes.set(xlabel=x, ylabel="share of the trials", ylim=(0, 1.02))
    if log:
        axes.set_xscale("log")
        style.plain_log_axis(axes.xaxis)
    style.legend_above(figure, axes)
    return figure


PHASE_TONES = ("slate", "ochre", "green", "purple", "mono", "micro")
PHASE_HATCHES = ("", "///", "", "...", "", "\\\\\\")


def phases(bars: Mapping[str, Mapping[str, float]], *, x: str, total: str = "{:.2f}") -> Figure:
    """
    One bar for each row, made of its phases in order, with the total at its end.

    Args:
        bars: row to phase to length; the order of the phases is that of the first row that has them.
        x: what the lengths are, with the unit.
        total: how the total is written; empty: not at all (where phases of several processes overlap).

    Example:
        `phases({"mono": {"imports": 1.2, "bind": 0.1}, "micro: cart": {"imports": 0.7, "bind": 0.1}}, x="seconds")`
    """
    names = list(dict.fromkeys(phase for row in bars.values() for phase in row))
    rows = style.wrap(bars)
    figure, (axes,) = style.canvas(0.9 + (0.2 + 0.14 * style.lines(rows)) * len(bars))
    places = np.arange(len(bars))
    left = np.zeros(len(bars))
    for at, phase in enumerate(names):
        widths = np.array([row.get(phase, 0.0) for row in bars.values()])
        colour = style.light(PHASE_TONES[at % len(PHASE_TONES)])
        axes.barh(
            places,
            widths,
            left=left,
            height=0.66,
            color=colour,
            hatch=PHASE_HATCHES[at % len(PHASE_HATCHES)],
            edgecolor=style.light("ground"),
            linewidth=0.6,
            label=phase,
        )
        left += widths
    if total:
        for place, end in zip(places, left, strict=True):
            axes.annotate(
                total.format(end), (end, place), (4, 0), textcoords="offset points", va="center", fontsize=8.5
            )
    axes.set_yticks(places, rows)
    axes.invert_yaxis()
    axes.margins(x=0.1, y=0.03)
    axes.set_xlim(left=0)
    axes.set_xlabel(x)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    style.legend_above(figure, axes)
    return figure
