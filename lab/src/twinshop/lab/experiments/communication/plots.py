"""The plots of the section."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from twinshop.lab.experiments.communication.costs import Price
from twinshop.lab.experiments.communication.frontier import Point
from twinshop.lab.report import style
from twinshop.lab.report.plots import FrontierPoint, forest, frontier
from twinshop.lab.report.section import Plot
from twinshop.lab.statistics.verdict import Comparison


def ratios(rows: Sequence[tuple[str, Comparison]]) -> Plot | None:
    if not rows:
        return None
    caption = "Ratios with 95 % intervals: right of 1 the first-named arm needs more. Hollow: one block, no interval."
    return Plot("tax-ratios", caption, lambda: forest(rows))


def trade(points: Sequence[Point], best: Sequence[Point]) -> Plot | None:
    """Cost against blast radius."""
    if len(points) < 2:  # noqa: PLR2004
        return None
    drawn = [
        FrontierPoint(
            point.cost,
            100 * point.blast,
            point.split.name if point.measured or point in best else "",
            best=point in best,
            low=point.low,
            high=point.high,
            measured=point.measured,
        )
        for point in points
    ]
    caption = (
        "Every split by its cost and its blast radius of a crash. The lower left is best; the dashed line "
        "joins the splits that no other beats. Small hollow points are computed from the prices of calls "
        "and processes."
    )
    return Plot(
        "tax-frontier",
        caption,
        lambda: frontier(drawn, x="CPU time of a good request / the monolith's", y="sessions lost in a crash, %"),
    )


def of_a_call(price: Price | None) -> Plot | None:
    """What remote calls cost beside processes: one point for each trial of a split."""
    if price is None:
        return None
    caption = (
        f"CPU time of a session beyond the monolith's, less {price.process.value:.2f} ms for each further "
        f"process, by the number of remote calls; one point per trial. The line is {price.call.value:.2f} "
        "ms per call."
    )
    return Plot("tax-call", caption, lambda: _line(price))


def _line(price: Price) -> Figure:
    figure, (axes,) = style.canvas(3.2)
    names = list(dict.fromkeys(arm for arm, *_ in price.points))
    for name in names:
        look = style.arm(name, names)
        own = [(calls, extra - price.process.value * more) for arm, calls, more, extra in price.points if arm == name]
        axes.plot([calls for calls, _ in own], [left for _, left in own], linestyle="", label=name, **look.point)
    most = 1.05 * max(calls for _, calls, *_ in price.points)
    axes.plot([0, most], [0, most * price.call.value], color=style.light("muted"), linewidth=1)
    axes.set(xlabel="remote calls a session", ylabel="CPU ms a session, less processes", xlim=(0, most))
    style.legend_above(figure, axes)
    return figure
