"""What happened second by second."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from twinshop.lab.report import style

Span = tuple[float, float]
"""Its first and its last second."""


def timelines(
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    *,
    y: str,
    fault: Span | Mapping[str, Span] | None = None,
    fault_name: str = "fault",
    start: float = 0.0,
    bottom: float | None = 0.0,
    top: float | None = None,
) -> Figure:
    """
    Lines over time, one panel below the other; the fault is shaded.

    The line is the median of the blocks, the band goes from the lowest to the highest of them.

    Args:
        panels: title to arm to one series of values a second for each block. NaN leaves a gap. Blocks may be of
            different length.
        y: what the values are, with the unit.
        fault: its first and last second, as on the x axis; the same in all panels, or by the title of the panel.
        fault_name: what it was.
        start: the second of the first value, such as -30 when the fault is to begin at 0.
        bottom: of the y axis; None: as the data have it.
        top: the same.

    Example:
        `timelines({"checkout": {"mono": [[9, 9, 0], [8, 9, 1]], "micro": [[9, 8, 7]]}}, y="good/s", fault=(1, 2))`
    """
    arms = list(dict.fromkeys(arm for series in panels.values() for arm in series))
    height = 0.75 + 1.55 * len(panels)
    figure, all_axes = style.canvas(height, len(panels), sharex=True)
    for axes, (title, series) in zip(all_axes, panels.items(), strict=True):
        span = fault.get(title) if isinstance(fault, Mapping) else fault
        if span is not None:
            axes.axvspan(*span, color=style.light("fault"), linewidth=0, zorder=0, label=fault_name)
        for name, blocks in series.items():
            if not (longest := max((len(block) for block in blocks), default=0)):
                continue
            padded = np.full((len(blocks), longest), np.nan)
            for row, block in zip(padded, blocks, strict=True):
                row[: len(block)] = block
            known = ~np.isnan(padded).all(axis=0)
            low, middle, high = (np.full(longest, np.nan) for _ in range(3))
            low[known], middle[known], high[known] = np.nanpercentile(padded[:, known], [0, 50, 100], axis=0)
            seconds, look = start + np.arange(longest), style.arm(name, arms)
            if len(blocks) > 1:
                axes.fill_between(seconds, low, high, color=look.colour, alpha=0.16, linewidth=0)
            axes.plot(seconds, middle, label=name, **look.line)
        axes.set_title(style.wrap([title], 32 if style.narrow() else 80)[0])
        axes.set_ylim(bottom, top)
        axes.margins(x=0)
    all_axes[-1].set_xlabel("seconds")
    figure.supylabel(y, fontsize=9, color=style.light("muted"))
    style.legend_above(figure, *all_axes)
    return figure
