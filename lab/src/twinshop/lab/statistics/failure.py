"""What a fault cost, when it was seen, and when it was over; all from one row a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 0.05
"""How far below the base the share of good sessions may be before a second is a bad one."""
IN_A_ROW = 5
"""Good seconds after which it is over."""
Window = tuple[int, int]
"""Seconds of a timeline, the end excluded."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """
    One journey, or all of them together, second by second.

    Attributes:
        offered: sessions that were due.
        good: those that went well.
        latency_ms: any quantile of the latency; None: only whether sessions went well counts.
        limit_ms: above it a second is a bad one.
    """

    offered: Sequence[float]
    good: Sequence[float]
    latency_ms: Sequence[float] | None = None
    limit_ms: float = nan

    def share(self, window: Window) -> float:
        """Good sessions / sessions; NaN without any."""
        offered = sum(self.offered[slice(*window)])
        return sum(self.good[slice(*window)]) / offered if offered else nan


@dataclass(frozen=True, slots=True)
class Impact:
    """
    What a fault did to a journey.

    Attributes:
        blast_radius: share of the expected good sessions that were lost while the fault was there.
        detect_s: from the beginning of the fault to the first bad second; NaN: there was none.
        recover_s: from the beginning of the fault to the first of five good seconds in a row after the first bad one;
            0: there was no bad second, NaN: it was not over when the timeline ended.
        residual: the blast radius of the time after the fault was removed.
        lost: good sessions that were expected and did not come, fault and after.
    """

    blast_radius: float
    detect_s: float
    recover_s: float
    residual: float
    lost: float


def impact(timeline: Timeline, base: Window, fault: Window) -> Impact:
    """
    Hold the time of a fault, and that after it, against the time before.

    Args:
        timeline: of the whole trial.
        base: seconds before the fault, after the warm-up.
        fault: from the moment it was planted to the moment it was removed.

    Raises:
        ValueError: the base has no good sessions, or the windows are not in order.
    """
    if not 0 <= base[0] < base[1] <= fault[0] < fault[1] <= len(timeline.offered):
        raise ValueError(f"The base {base} and the fault {fault} must follow each other within the timeline.")
    after = (fault[1], len(timeline.offered))
    good = in_band(timeline, base)
    bad = [second for second in range(fault[0], after[1]) if good[second] is False]
    expected = timeline.share(base) * sum(timeline.offered[fault[0] :])
    return Impact(
        blast_radius(timeline, base, fault),
        float(bad[0] - fault[0]) if bad else nan,
        _recovered(good, bad[0]) - fault[0] if bad else 0.0,
        blast_radius(timeline, base, after),
        expected - sum(timeline.good[fault[0] :]),
    )


def blast_radius(timeline: Timeline, base: Window, window: Window) -> float:
    """
    1 - good sessions / those expected: the sessions offered, times the share that went well in the base.

    Chance can make it slightly negative. NaN without sessions in the window.

    Raises:
        ValueError: the base has no good sessions.
    """
    usual = timeline.share(base)
    if isnan(usual) or usual == 0:
        raise ValueError("No session went well before the fault: there is nothing to compare with.")
    return 1 - timeline.share(window) / usual


def mix_weighted(blast_radii: Mapping[str, float], mix: Mapping[str, float]) -> float:
    """
    The mean over journeys, weighted by how often they are made; journeys without a value do not count.

    Raises:
        ValueError: no journey of the mix has a value.
    """
    known = [(value, mix.get(journey, 0.0)) for journey, value in blast_radii.items() if not isnan(value)]
    weight = sum(each for _, each in known)
    if not weight:
        raise ValueError("No journey of the mix has a blast radius.")
    return sum(value * each for value, each in known) / weight


def in_band(timeline: Timeline, base: Window) -> list[bool | None]:
    """
    Whether each second is as the base was; None: nothing was due, nothing can be said.

    The share of good sessions must not be more than five points below that of the base, unless the base itself was
    lower in one second of 40; the latency must not be above its limit.
    """
    offered, good = np.asarray(timeline.offered, dtype=float), np.asarray(timeline.good, dtype=float)
    shares: NDArray[np.float64] = np.divide(good, offered, out=np.full(offered.shape, np.nan), where=offered > 0)
    of_base = shares[slice(*base)]
    usual = [timeline.share(base) - TOLERANCE]
    if not np.isnan(of_base).all():
        usual.append(float(np.nanquantile(of_base, 0.025, method="lower")))
    enough = shares >= min(usual) - 1e-9
    if timeline.latency_ms is not None and not isnan(timeline.limit_ms):
        enough &= ~(np.asarray(timeline.latency_ms, dtype=float) > timeline.limit_ms)
    return [None if isnan(share) else bool(ok) for share, ok in zip(shares, enough, strict=True)]


def _recovered(good: Sequence[bool | None], since: int) -> float:
    """The first of five good seconds in a row after `since`; seconds in which nothing was due neither help nor harm."""
    run: list[int] = []
    for second in range(since, len(good)):
        if good[second] is False:
            run = []
        elif good[second]:
            run.append(second)
            if len(run) == IN_A_ROW:
                return float(run[0])
    return nan
