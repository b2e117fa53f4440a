"""A number for each row and column, one panel for each arm."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from twinshop.lab.report import style

HOTTEST, HOT = 10, 6


def percent(value: float) -> str:
    return f"{value:.0%}"


def heat_map(
    panels: Mapping[str, Sequence[Sequence[float]]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    write: Callable[[float], str] = percent,
    worst: float = 1.0,
    best: float = 0.0,
) -> Figure:
    """
    The number in each cell, on a ground that is the darker the worse it is; the panels beside each other.

    Args:
        panels: arm to one row of numbers for each of `rows`; NaN was not measured, and is shown as a dash.
        rows: their names.
        columns: their names.
        write: makes the text of a number.
        worst: the number with the hottest ground.
        best: the one with the coolest.

    Example:
        `heat_map({"mono": [[0.0, 1.0]], "micro": [[0.0, 0.2]]}, rows=["cart: crash"], columns=["browse", "checkout"])`
    """
    for name, cells in panels.items():
        if len(cells) != len(rows) or any(len(row) != len(columns) for row in cells):
            raise ValueError(f"Panel {name} is not {len(rows)} rows of {len(columns)}.")
    stacked = style.narrow() and len(panels) > 1
    shape = (len(panels), 1) if stacked else (1, len(panels))
    row_names, column_names = style.wrap(rows, 20), style.wrap(columns, 12)
    one = 0.75 + 0.14 * style.lines(column_names) + (0.16 + 0.14 * style.lines(row_names)) * len(rows)
    figure, all_axes = style.canvas(one * shape[0], *shape, sharey=not stacked)
    for axes, (name, cells) in zip(all_axes, panels.items(), strict=True):
        for at, row in enumerate(cells):
            for column, value in enumerate(row):
                _cell(axes, at, column, value, write, (value - best) / (worst - best))
        axes.set_title(style.wrap([name], 32)[0], color=style.arm(name, tuple(panels)).colour)
        axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
        middles = [at + 0.5 for at in range(len(columns))]
        axes.set_xticks(middles, column_names, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_yticks([at + 0.5 for at in range(len(rows))], row_names)
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
    return figure


def _cell(axes: Axes, row: int, column: int, value: float, write: Callable[[float], str], heat: float) -> None:
    place = (column + 0.5, row + 0.5)
    if isnan(value):
        axes.text(*place, "\u2013", ha="center", va="center", color=style.light("muted"))
        return
    step = round(HOTTEST * min(1.0, max(0.0, heat)))
    ground = style.light(f"heat{step}")
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=ground, edgecolor=style.light("ground"), linewidth=1.2))
    axes.text(*place, write(value), ha="center", va="center", color=style.light("on hot" if step >= HOT else "on cool"))
