"""The visits of a run as a table and as a picture, to be kept."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from twinshop.lab.control.visits import FATES, Second

COLOURS = {"good": "#1a9e77", "degraded": "#a6dfc9", "waiting": "#b8bec6", "failed": "#c01c28", "late": "#6a3d9a"}
"""As on the page, `static/room.css`."""
NAMES = {"mono": "Monolith", "micro": "Microservices"}
INCHES = (12.8, 7.2)
DOTS = 150


def as_csv(seconds: Mapping[str, Sequence[Second]], since: float) -> str:
    """
    One row for each shop and second.

    `second` counts from `since`, the injection of the fault (negative before it); `slowest_s` is empty without visits.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("shop", "second", "due", *FATES, "slowest_s"))
    for shop, rows in seconds.items():
        for row in rows:
            figures = asdict(row)
            writer.writerow((shop, row.at - int(since), row.due, *(figures[fate] for fate in FATES), row.slowest))
    return text.getvalue()


def as_png(seconds: Mapping[str, Sequence[Second]], since: float, until: float, title: str) -> bytes:
    """Both shops, one above the other: the visits due in each second by their fate; the time of the fault is shaded."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - half a second that no start of the room waits for

    figure = Figure(INCHES, layout="constrained")
    figure.suptitle(title, wrap=True, fontsize=12)
    plots = figure.subplots(len(seconds), sharex=True, sharey=True, squeeze=False)[:, 0]
    for plot, (shop, rows) in zip(plots, seconds.items(), strict=True):
        at = [row.at - since for row in rows]
        base = [0] * len(rows)
        for fate in FATES:
            heights = [getattr(row, fate) for row in rows]
            plot.bar(at, heights, 1.0, base, align="edge", color=COLOURS[fate], label=fate)
            base = [low + height for low, height in zip(base, heights, strict=True)]
        plot.axvspan(0, until - since, color="#c01c28", alpha=0.12, zorder=0)
        plot.set_title(NAMES.get(shop, shop), loc="left", fontweight="bold")
        plot.set_ylabel("visits due in a second")
        plot.yaxis.get_major_locator().set_params(integer=True)
    plots[0].legend(ncols=len(FATES), loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
    plots[-1].set_xlabel("seconds since the fault was injected")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DOTS)
    return picture.getvalue()
