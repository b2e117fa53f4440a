"""The figures of one trial."""

from dataclasses import asdict
from typing import Any

from twinshop.lab.experiments.deployment.course import Course, Timestamps
from twinshop.lab.experiments.deployment.patches import Patched
from twinshop.lab.invariants import Checked
from twinshop.lab.load.api import LoadResult
from twinshop.lab.measurement.invariant_checks import DETAIL
from twinshop.lab.measurement.timeline import Course as Timelines
from twinshop.lab.measurement.timeline import course_of
from twinshop.lab.measurement.versions import mixed_seconds
from twinshop.lab.results.trial import Outcome
from twinshop.lab.statistics.failure import in_band

SLOW_MS = 500.0
"""A request that takes longer is a slow one."""
LEAST_SECONDS = 3
"""Consecutive seconds over which the least goodput is taken: fewer have too few sessions."""
WELL = 0.95
"""Share of good sessions before anything was deployed, below which a trial does not count."""


def outcome(load: LoadResult, course: Course, images: Patched, checked: Checked) -> Outcome:
    """
    Of one trial.

    `failed_sessions`, `slow_requests`, `affected_s` (seconds with fewer good sessions than usual) and
    `least_goodput_per_s` are those of the good patch; with `bad_` before them those of the bad one and the rollback.
    """
    marks = course.marks
    lines = course_of(load, marks.base_seconds.start, marks.bad_seconds.stop)
    base = lines.counted(marks.base_seconds)
    figures = {
        "build_s": images.build_seconds,
        "new_bytes": float(images.new_bytes),
        "processes": float(course.started),
        "deploy_s": marks.done - marks.begun,
        "mixed_s": mixed_seconds(course.samples, course.old, course.zero + marks.begun, course.zero + marks.done + 1.0),
        "base_goodput_per_s": base[1] / max(1, len(marks.base_seconds)),
        **_of(load, lines, marks.good_seconds, marks, ""),
        **_of(load, lines, marks.bad_seconds, marks, "bad_"),
        "rollback_s": marks.back - marks.returning,
        "violations": float(len(checked.violations)),
    }
    if marks.noticed is not None:
        figures["notice_s"] = marks.noticed - marks.bad_begun
    detail: dict[str, Any] = {
        "marks": asdict(marks),
        "course": lines.as_json(),
        "versions": [{"at": sample.at - course.zero, "codes": sample.codes} for sample in course.samples],
        "errors": dict(load.errors()),
        DETAIL: checked.as_json(),
    }
    return Outcome(figures, detail, _void(load, course, base))


def _of(load: LoadResult, lines: Timelines, seconds: range, marks: Timestamps, prefix: str) -> dict[str, float]:
    offered, good = lines.counted(seconds)
    window = lines.window(seconds)
    well = in_band(lines.total, lines.window(marks.base_seconds))[slice(*window)]
    goods = list(lines.total.good[slice(*window)])
    spans = [sum(goods[at : at + LEAST_SECONDS]) / LEAST_SECONDS for at in range(len(goods) - LEAST_SECONDS + 1)]
    found = {
        "sessions": float(offered),
        "failed_sessions": float(offered - good),
        "slow_requests": float(load.slower(SLOW_MS, seconds.start, seconds.stop)),
        "affected_s": float(sum(each is False for each in well)),
    }
    if spans:
        found["least_goodput_per_s"] = min(spans)
    return {f"{prefix}{name}": value for name, value in found.items()}


def _void(load: LoadResult, course: Course, base: tuple[int, int]) -> str | None:
    offered, good = base
    marks = course.marks
    for window in (marks.base_seconds, marks.good_seconds, marks.bad_seconds):
        if late := load.late(start=window.start, end=window.stop):
            return late
    reasons = {
        f"the generator used {load.generator_cpu_ratio:.0%} of its processor": (
            load.generator_cpu_ratio > load.plan.max_cpu_ratio
        ),
        f"only {good} of {offered} sessions succeeded before it": not offered or good < WELL * offered,
        "not every process answered with the new code": not course.all_new,
        "the bad patch started": course.marks.noticed is None,
        "after the rollback not every process answered with the old code": not course.all_back,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)
