"""
How all plots of the lab look: sizes, fonts, and one colour for each arm wherever it is drawn.

A plot is drawn twice: for a wide page, and for a phone. `canvas` gives the right width; a builder that sets things side
by side asks `narrow`. Every colour is a pair, for a light and a dark page: plots are drawn with the light one, and the
report replaces it (`twinshop.lab.report.svg`). So use no colours but those of this module.
"""

import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from twinshop.lab.report.arms import NO_ARM, Arm, arm
from twinshop.lab.report.tones import TONES, light

__all__ = [
    "NO_ARM",
    "TONES",
    "Arm",
    "arm",
    "canvas",
    "legend_above",
    "light",
    "lines",
    "look",
    "narrow",
    "ratio_axis",
    "wrap",
]

WIDE, NARROW = 7.0, 3.5
"""Inches: shown on 720 and on 328 pixels, text of 9 points has 13 and 12."""
_narrow: ContextVar[bool] = ContextVar("narrow", default=False)

RC: Any = {
    "figure.facecolor": light("ground"),
    "savefig.facecolor": light("ground"),
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",  # shipped with Matplotlib: the same everywhere
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "text.color": light("ink"),
    "axes.titlecolor": light("ink"),
    "axes.labelcolor": light("muted"),
    "xtick.color": light("muted"),
    "ytick.color": light("muted"),
    "axes.edgecolor": light("muted"),
    "axes.facecolor": light("ground"),
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": light("line"),
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "text.parse_math": False,  # names come from data
    "svg.fonttype": "none",  # text stays text
    "savefig.dpi": 160,
}


@contextmanager
def look(*, narrow: bool = False) -> Iterator[None]:
    """Within it, figures are drawn and saved in this style, for a phone or not."""
    token = _narrow.set(narrow)
    try:
        with mpl.rc_context(RC):
            yield
    finally:
        _narrow.reset(token)


def narrow() -> bool:
    """Whether the plot is for a phone."""
    return _narrow.get()


def canvas(height: float = 3.0, rows: int = 1, columns: int = 1, **grid: Any) -> tuple[Figure, list[Axes]]:  # noqa: ANN401 - Matplotlib's
    """
    A figure as wide as the page, and its axes row by row.

    Args:
        height: inches, of all rows together.
        rows: of axes.
        columns: of axes.
        grid: more for `Figure.subplots`.
    """
    figure = Figure(figsize=(NARROW if narrow() else WIDE, height))
    axes = figure.subplots(rows, columns, squeeze=False, **grid)
    return figure, list(axes.flat)


def wrap(names: Iterable[str], most: int | None = None) -> list[str]:
    """Names that stand beside or below an axis, in lines of at most `most` letters (default: what the page allows)."""
    most = most or (20 if narrow() else 36)
    return ["\n".join(textwrap.wrap(name, most)) or name for name in names]


def lines(names: Iterable[str]) -> int:
    """How many lines the longest of the wrapped names has."""
    return max((name.count("\n") + 1 for name in names), default=1)


def legend_above(figure: Figure, *axes: Axes) -> None:
    """One legend for all axes, above them; names that are several times on the axes are told once."""
    handles = {label: line for each in axes for line, label in zip(*each.get_legend_handles_labels(), strict=True)}
    if handles:
        longest = max(len(name) for name in handles)
        columns = max(1, min(len(handles), (45 if narrow() else 90) // (longest + 6)))
        figure.legend(handles.values(), handles.keys(), loc="outside upper left", ncols=columns, columnspacing=1.4)


RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


def plain_log_axis(axis: Axis) -> None:
    """A logarithmic axis with numbers as people write them: 0.5, 1, 2, 5, 10, 20."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def ratio_axis(axis: Axis, low: float, high: float) -> None:
    """Ticks for ratios from `low` to `high` on a logarithmic axis: few, readable, 1 among them."""
    inside = [each for each in RATIOS if low <= each <= high]
    most = 4 if narrow() else 8
    far = [each for each in inside if each in {0.01, 0.1, 0.5, 1, 2, 5, 10, 100, 1000}]
    axis.set_ticks(inside if len(inside) <= most else far, minor=False)
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())
