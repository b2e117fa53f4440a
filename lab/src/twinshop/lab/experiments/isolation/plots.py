"""The plots of the faults: what was lost, by which journey, and when."""

from collections.abc import Sequence
from functools import partial
from math import floor, nan

from matplotlib.figure import Figure

from twinshop.lab.experiments.isolation.groups import ALONE, ARMS, chosen, kinds
from twinshop.lab.experiments.isolation.windows import Timestamps
from twinshop.lab.faults import FAULTS
from twinshop.lab.load.api import JOURNEYS
from twinshop.lab.measurement.timeline import Course
from twinshop.lab.report.plots import heat_map, timelines
from twinshop.lab.report.section import Plot
from twinshop.lab.results.figures import middle
from twinshop.lab.results.trial import Trial

TOLD = ("crash", "hang", "block", "errors", "database-down")
"""The faults whose course is drawn: one of each sort."""


def plots(cells: Sequence[Trial]) -> list[Plot]:
    """As many as there are measurements for."""
    found = kinds(cells)
    if not found:
        return []
    targets = list(dict.fromkeys(target for _, target in sorted(found, key=lambda kind: kind[1])))
    made = [
        _matrix(
            cells,
            "blast_ratio",
            "isolation-blast",
            (
                "Share of the expected sessions that were lost while the fault was active, with journeys weighted "
                "by the mix."
            ),
        ),
        _matrix(
            cells,
            "collateral_ratio",
            "isolation-collateral",
            "The same for journeys that do not need the component. No journey works without the storefront.",
        ),
        *(_journeys(cells, target) for target in targets),
    ]
    if (courses := _courses(cells)) is not None:
        made.append(courses)
    return made


def _matrix(cells: Sequence[Trial], figure: str, name: str, caption: str) -> Plot:
    found = kinds(cells)
    faults = list(dict.fromkeys(fault for fault, _ in found))
    targets = sorted({target for _, target in found})
    panels = {
        arm: [
            [_or_nan(middle(cells, arm, figure, fault=fault, target=target)) for target in targets] for fault in faults
        ]
        for arm in ARMS
    }
    return Plot(name, caption, partial(heat_map, panels, rows=faults, columns=targets))


def _journeys(cells: Sequence[Trial], target: str) -> Plot:
    faults = [fault for fault, component in kinds(cells) if component == target]
    columns = {journey: f"blast_{journey}_ratio" for journey in JOURNEYS}
    panels = {
        arm: [
            [_or_nan(middle(cells, arm, figure, fault=fault, target=target)) for figure in columns.values()]
            for fault in faults
        ]
        for arm in ARMS
    }
    caption = f"Share of each journey's expected sessions that were lost while {target} had the fault."
    return Plot(f"isolation-{target}", caption, partial(heat_map, panels, rows=faults, columns=list(columns)))


def _courses(cells: Sequence[Trial]) -> Plot | None:
    panels: dict[str, dict[str, list[list[float]]]] = {}
    starts, lasted = [], []
    for fault in TOLD:
        shown = [cell for cell in chosen(cells, [fault]) if "course" in cell.outcome.detail]
        if not shown:
            continue
        marks = [Timestamps.from_json(cell.outcome.detail["marks"]) for cell in shown]
        before = min(floor(each.injected) - each.base_seconds.start for each in marks)
        starts.append(before)
        lasted += [each.over - each.injected for each in marks]
        panels[f"{fault}: {FAULTS[fault].title}"] = {
            arm: [_shares(cell, at, before) for cell, at in zip(shown, marks, strict=True) if cell.spec.arm == arm]
            for arm in ARMS
        }
    if not panels:
        return None
    before = min(starts)
    cut = {
        title: {arm: [series[start - before :] for series in found] for arm, found in arms.items()}
        for start, (title, arms) in zip(starts, panels.items(), strict=True)
    }
    shortest, longest = min(lasted), max(lasted)
    caption = (
        "Good sessions per second, as a share of those due, with the fault in any component but the "
        f"{ALONE}: the median over components and blocks, with a band from the lowest to the highest. The "
        f"fault began at 0 and lasted {shortest:.0f}"
        + (f"to {longest:.0f} s; the shortest is shaded." if longest - shortest >= 1 else "s, shaded.")
    )
    return Plot("isolation-courses", caption, partial(_draw, cut, before, shortest))


def _draw(panels: dict[str, dict[str, list[list[float]]]], before: int, lasted: float) -> Figure:
    return timelines(panels, y="good sessions, %", fault=(0.0, lasted), start=float(-before), bottom=0.0, top=105.0)


def _shares(cell: Trial, marks: Timestamps, before: int) -> list[float]:
    """Percent a second, from so long before the fault to the end."""
    course = Course.from_json(cell.outcome.detail["course"])
    total = course.total
    start, stop = course.window(range(floor(marks.injected) - before, floor(marks.end)))
    return [100 * total.share((at, at + 1)) for at in range(start, stop)]


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
