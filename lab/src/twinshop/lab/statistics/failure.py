"""Which seconds of a timeline are as they were before a fault; from one row a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 0.05
"""Largest drop of the share of good sessions below the base in a healthy second."""
IN_A_ROW = 5
"""Number of consecutive healthy seconds that end a fault."""
Window = tuple[int, int]
"""Seconds of a timeline, the end excluded."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """
    One journey, or all of them together, second by second.

    Attributes:
        offered: sessions that were due.
        good: those that succeeded.
        latency_ms: any quantile of the latency; None: only success counts.
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


def mix_weighted(blast_radii: Mapping[str, float], mix: Mapping[str, float]) -> float:
    """
    Return the mean over journeys, weighted by their frequency; journeys without a value are ignored.

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
