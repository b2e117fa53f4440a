"""
What a fault did, as figures. Ratios from 0 to 1, times in seconds since the fault was active.

- `blast_ratio`: 1 - good sessions / those expected by the base window, in the fault window; each journey weighted by
  the mix. `blast_<journey>_ratio`: of one journey. `needing_ratio`, `collateral_ratio`: over the journeys that need the
  target and those that do not; left out where there are none.
- `journeys_hit_ratio`: the share of journeys below the service level in the fault window.
- `detect_s`: until a monitor that looks at the sessions that end in each second, or the health probe, could have known;
  left out if neither saw anything. `detect_users_s`, `detect_probe_s`: each of them.
- `recover_s`: until the first of five healthy seconds in a row after which none is unhealthy as long as the fault is
  there; `mend_s`: the same since the removal began. Both left out if there were none while the shop was watched
  (`recovered` is 0); 0 if no second was unhealthy.
- `residual_ratio`: the blast ratio of the time from the removal to the end.
- `failed_sessions`: from the fault's beginning to the end. A session ends with its first failed request.
- `p99_ms`, `p95_ms`: latency of all requests in the fault window, `base_p99_ms` before it.
"""

from collections.abc import Callable, Collection, Mapping
from math import floor, isfinite, isnan, nan

from twinshop.lab.experiments.isolation.windows import Timestamps
from twinshop.lab.measurement.timeline import Course
from twinshop.lab.statistics.failure import IN_A_ROW, Timeline, in_band, mix_weighted

SLO_GOOD = 0.99
SLO_P99_MS = 1000.0
STEADY_GOOD = 0.98
"""Of the base window: with less, the shop was not healthy before the fault, and the fault trial is invalid."""

Latency = Callable[[float, range, str | None], float]
"""Percentile (0 to 100) in ms of the requests due in these seconds, of one journey or of all; NaN without requests."""


def unsteady(course: Course, marks: Timestamps) -> str | None:
    """Why the base window is no base."""
    offered, good = course.counted(marks.base_seconds)
    if not offered:
        return "no session was due in the base window"
    if good < STEADY_GOOD * offered:
        return f"not healthy before the fault: {good} of {offered} sessions good"
    return None


def figures(
    course: Course,
    marks: Timestamps,
    mix: Mapping[str, float],
    needing: Collection[str],
    latency: Latency,
    probe_failed: float | None = None,
    ended: Timeline | None = None,
) -> dict[str, float]:
    """
    The figures of one fault; without a base, none.

    Args:
        course: at least from the base window to the end.
        marks: when what happened.
        mix: weights of the journeys.
        needing: the journeys that need the target.
        latency: of the requests.
        probe_failed: when the health probe first failed after the injection, in seconds of the load.
        ended: sessions by the second in which they ended, from the course's first second on; by the course itself, that
            is by when they were due, if this is not known.
    """
    usual = course.total.share(course.window(marks.base_seconds))
    if isnan(usual) or not usual:
        return {}
    blast = _blasts(course, marks.fault_seconds, usual)
    offered, good = course.counted(marks.touched_seconds)
    found = {
        "blast_ratio": _weighted(blast, mix),
        "needing_ratio": _weighted({name: ratio for name, ratio in blast.items() if name in needing}, mix),
        "collateral_ratio": _weighted({name: ratio for name, ratio in blast.items() if name not in needing}, mix),
        "journeys_hit_ratio": _hit(blast, marks, latency),
        "residual_ratio": _weighted(_blasts(course, marks.after_seconds, usual), mix),
        "failed_sessions": float(offered - good),
        "p99_ms": latency(99, marks.fault_seconds, None),
        "p95_ms": latency(95, marks.fault_seconds, None),
        "base_p99_ms": latency(99, marks.base_seconds, None),
    }
    found |= {f"blast_{journey}_ratio": ratio for journey, ratio in blast.items()}
    found |= _moments(course, marks, probe_failed, ended)
    return {name: value for name, value in found.items() if isfinite(value)}


def _blasts(course: Course, seconds: range, usual: float) -> dict[str, float]:
    """Of each journey; compared with the baseline of all, because a rare journey has too few sessions in its own."""
    window = course.window(seconds)
    return {journey: 1 - timeline.share(window) / usual for journey, timeline in course.journeys.items()}


def _weighted(ratios: Mapping[str, float], mix: Mapping[str, float]) -> float:
    return nan if all(map(isnan, ratios.values())) else mix_weighted(ratios, mix)


def _hit(blast: Mapping[str, float], marks: Timestamps, latency: Latency) -> float:
    met = [journey for journey, ratio in blast.items() if not isnan(ratio)]
    below = [
        journey
        for journey in met
        if 1 - blast[journey] < SLO_GOOD or latency(99, marks.fault_seconds, journey) > SLO_P99_MS
    ]
    return len(below) / len(met) if met else nan


def _moments(course: Course, marks: Timestamps, probe_failed: float | None, ended: Timeline | None) -> dict[str, float]:
    well = in_band(course.total, course.window(marks.base_seconds))
    start, stop = course.window(marks.touched_seconds)
    bad = [course.first + at for at in range(start, stop) if well[at] is False]
    seen = bad if ended is None else _seen(course, marks, ended)
    users = seen[0] + 1 - marks.injected if seen else nan
    probe = nan if probe_failed is None else max(0.0, probe_failed - marks.injected)
    known = [moment for moment in (users, probe) if not isnan(moment)]
    moments = {"detect_users_s": users, "detect_probe_s": probe, "detect_s": min(known, default=nan)}
    if not bad:
        return {**moments, "recovered": 1.0, "recover_s": 0.0, "mend_s": 0.0}
    removed = marks.over if marks.lasting else marks.injected
    for at in range(bad[0], course.first + stop - IN_A_ROW + 1):
        # five in a row while the fault is still there are not enough: a rare journey may not have met it
        needed = range(at, max(at + IN_A_ROW, floor(removed)))
        if not any(each in needed for each in bad):
            back = max(0.0, at - marks.injected)
            return {**moments, "recovered": 1.0, "recover_s": back, "mend_s": max(0.0, at - removed)}
    return {**moments, "recovered": 0.0}


def _seen(course: Course, marks: Timestamps, ended: Timeline) -> list[int]:
    """The seconds since the injection in which too few of the sessions that ended then were good."""
    well = in_band(ended, course.window(marks.base_seconds))
    return [
        second
        for second in marks.touched_seconds
        if 0 <= second - course.first < len(well) and well[second - course.first] is False
    ]
