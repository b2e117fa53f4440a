"""The plots of the section."""

from collections.abc import Mapping, Sequence
from math import nan
from statistics import median

import numpy as np
from matplotlib.figure import Figure

from twinshop.lab.experiments.deployment import groups
from twinshop.lab.experiments.deployment.groups import MICRO, MONO, Case
from twinshop.lab.measurement.timeline import Course
from twinshop.lab.report import style
from twinshop.lab.report.plots import timelines
from twinshop.lab.report.section import Plot
from twinshop.lab.results.figures import values
from twinshop.lab.results.trial import Trial

BEFORE = 4
"""Seconds that are shown before a deployment begins."""


def course(trials: Sequence[Trial], case: Case, number: int) -> Plot | None:
    """Good sessions second by second, from before the good patch until after the rollback from the bad one."""
    series = {arm: [_shares(trial) for trial in groups.of(trials, case, arm)] for arm in (MONO, MICRO)}
    panels = {arm: {arm: blocks} for arm, blocks in series.items() if blocks}
    if not panels:
        return None
    deployed = {arm: (0.0, _median_after(trials, case, arm, "done")) for arm in panels}
    told = " and ".join(f"{_median_after(trials, case, arm, 'bad_begun'):.0f} s in {arm}" for arm in panels)
    caption = (
        f"A patch of {groups.title(case)}: the share of good sessions, second by second. The deployment "
        f"begins at 0 (shaded: its median length), the bad patch after about {told}."
    )

    def draw() -> Figure:
        return timelines(panels, y="good sessions, %", fault=deployed, fault_name="deployment", start=-BEFORE, top=105)

    return Plot(f"deploy-course-{number}", caption, draw)


def _median_after(trials: Sequence[Trial], case: Case, arm: str, moment: str) -> float:
    """Seconds from the beginning of the deployment to another of its marks."""
    marks = (trial.outcome.detail["marks"] for trial in groups.of(trials, case, arm))
    return median(float(mark[moment] - mark["begun"]) for mark in marks)


def _shares(trial: Trial) -> list[float]:
    """In percent, from `BEFORE` seconds before the deployment; NaN where no session arrived."""
    lines = Course.from_json(trial.outcome.detail["course"])
    first = int(trial.outcome.detail["marks"]["begun"]) - BEFORE - lines.first
    total = lines.total
    shares = [100 * good / due if due else nan for due, good in zip(total.offered, total.good, strict=True)]
    return [nan] * max(0, -first) + shares[max(0, first) :]


def lost(trials: Sequence[Trial]) -> Plot | None:
    """Failed sessions of every deployment."""
    rows: dict[str, Mapping[str, list[float]]] = {}
    for case in groups.cases(trials):
        for figure, kind in (("failed_sessions", "good"), ("bad_failed_sessions", "bad")):
            found = {arm: values(trials, arm, figure, **groups.where(case)) for arm in (MONO, MICRO)}
            rows[f"{groups.title(case)}: {kind} patch"] = found
    if not rows:
        return None
    caption = (
        "Sessions that failed in each deployment, one point for each trial, the line at the median. Less is better."
    )
    return Plot("deploy-lost", caption, lambda: _points(rows))


def _points(rows: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    figure, (axes,) = style.canvas(0.9 + 0.42 * len(rows))
    arms = (MONO, MICRO)
    for arm, offset in zip(arms, (-0.17, 0.17), strict=True):
        look = style.arm(arm, arms)
        for place, found in enumerate(rows.values()):
            label = arm if place == 0 else None
            values = found[arm]
            axes.plot(values, np.full(len(values), place + offset), linestyle="", label=label, **look.point)
            if values:
                middle = median(values)
                axes.plot([middle, middle], [place + offset - 0.14, place + offset + 0.14], color=look.colour)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    most = max((value for found in rows.values() for values in found.values() for value in values), default=0.0)
    axes.set_xlim(-0.02 * max(1.0, most), 1.04 * max(1.0, most))
    axes.set_xlabel("failed sessions")
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    style.legend_above(figure, axes)
    return figure
