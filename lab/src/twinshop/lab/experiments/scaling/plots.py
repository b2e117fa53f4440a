"""The plots of the section."""

from collections.abc import Callable, Mapping, Sequence

from twinshop.lab.experiments.scaling.case import ARMS
from twinshop.lab.experiments.scaling.cells import CAPACITY, Cell, values
from twinshop.lab.experiments.scaling.objective import Objective
from twinshop.lab.report.plots import CapacityPoint, LatencyPoint, capacity, forest, hockey_stick
from twinshop.lab.report.section import Plot
from twinshop.lab.statistics.intervals import interval
from twinshop.lab.statistics.usl import Usl
from twinshop.lab.statistics.verdict import Comparison


def over_budgets(curve: Sequence[Cell], laws: Mapping[str, Usl]) -> Plot | None:
    """Capacity against the budget; None with fewer than two budgets."""
    points: dict[str, list[CapacityPoint]] = {}
    for cell in curve:
        for arm in map(str, ARMS):
            if rates := values(cell.arms.get(arm, ()), CAPACITY):
                found = interval(rates, of="mean")
                points.setdefault(arm, []).append(CapacityPoint(cell.cpus, found.value, found.low, found.high))
    if max((len(each) for each in points.values()), default=0) < 2:  # noqa: PLR2004
        return None
    smallest = min(cell.cpus for cell in curve)
    fits = {arm: _in_processors(law, smallest) for arm, law in laws.items() if law.fitted}
    caption = (
        "Capacity by budget of processors, balanced mix: means, with 95 % intervals where there are enough blocks. "
        "The dotted line is ideal growth from the smallest budget."
        + (" The curves are fits of the Universal Scalability Law." if fits else "")
    )
    return Plot(
        "scaling-budgets",
        caption,
        lambda: capacity(points, x="processors, for everything of the shop", y="sessions a second", fits=fits),
    )


def _in_processors(law: Callable[[float], float], smallest: float) -> Callable[[float], float]:
    return lambda cpus: law(cpus / smallest)


def latencies(cell: Cell, objective: Objective) -> Plot | None:
    """Every probe of every trial of a cell."""
    curves = {
        arm: [
            LatencyPoint(row["rate"], row["latency_ms"]["50"], row["latency_ms"][str(objective.percent)])
            for trial in trials
            for row in trial.outcome.detail["probes"]
            if row["passed"] is not None and row["requests"]
        ]
        for arm, trials in cell.arms.items()
    }
    curves = {arm: points for arm, points in curves.items() if points}
    if not curves:
        return None
    caption = (
        f"Median and p{objective.percent} of all requests by offered rate, every probe of the search, "
        f"{cell.title}. Up to the capacity little changes; beyond it a queue grows for as long as the load "
        "lasts."
    )
    return Plot(
        f"scaling-latency-{cell.mix}",
        caption,
        lambda: hockey_stick(
            curves,
            slo_ms=objective.latency_ms,
            slo=f"objective: p{objective.percent} ≤ {objective.latency_ms:g} ms",
            tail=f"p{objective.percent}",
        ),
    )


def ratios(rows: Sequence[tuple[str, Comparison]]) -> Plot | None:
    if not rows:
        return None
    caption = (
        "Ratios of capacities with 95 % intervals; right of 1 the first-named arm has more capacity. Hollow: one block."
    )
    return Plot("scaling-ratios", caption, lambda: forest(rows))
