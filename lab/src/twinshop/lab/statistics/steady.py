"""Find the stationary part of a load from its latencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

import numpy as np
import scipy
from numpy.typing import NDArray

SHARE = 0.6
"""Share of a window that one stretch without change must cover for the window to be steady."""
SAME = 0.05
"""Levels that differ by no more than this are the same, however clearly they differ."""
FEWEST_SECONDS = 10
SHORTEST = 4
"""Minimum seconds of a level; anything shorter is a disturbance and not a level."""
MOST_MISSING = 0.1
PENALTY = 8.0
"""
So many times noise² ln(seconds) must a change explain. Simulated: independent noise is cut in one window of a hundred,
noise that correlates 0.5 from second to second makes 5 % of the windows unsteady, and a step of 15 % in the middle of
40 s, with 5 % noise, is found in 98 %. With more noise or fewer seconds it is found far less often: see `power`.
"""
LEAST_NOISE = 0.005
ENOUGH_SECONDS = 40
"""A window from which on the gate has any power at the noise of real shops: 13 % from second to second."""
POWER_SAMPLES = 300
OUTLIER = 3.0
"""So many times the noise may a second be off its neighbours; what is beyond is cut off."""


@dataclass(frozen=True, slots=True)
class Steady:
    """
    The longest stretch of one level.

    Attributes:
        start, end: its seconds in the window, the end excluded.
        level_ms: its median.
        share: of the window.
        changes: the seconds at which the level changed.
        reason: why the window is not steady; None if it is.
    """

    start: int
    end: int
    level_ms: float
    share: float
    changes: tuple[int, ...]
    reason: str | None

    @property
    def ok(self) -> bool:
        return self.reason is None


def steady(medians_ms: Sequence[float], share: float = SHARE) -> Steady:
    """
    Look for changes of level (least squared error) in the logarithms of the median latencies of each second.

    Args:
        medians_ms: one a second; NaN: a second without requests.
        share: how much of the window the longest stretch must hold.

    Raises:
        ValueError: a latency is 0 or negative.
    """
    values = np.asarray(medians_ms, dtype=float)
    known = np.flatnonzero(~np.isnan(values))
    if (values[known] <= 0).any():
        raise ValueError("A latency must be above 0.")
    if values.size < FEWEST_SECONDS:
        return _nothing(f"{values.size} s are too short to tell")
    if known.size < (1 - MOST_MISSING) * values.size:
        return _nothing(f"{values.size - known.size} of {values.size} s had no requests")
    ends = _changes(np.log(values[known]))
    levels = [float(np.median(values[known[start:end]])) for start, end in _spans(ends)]
    first, last = _longest(ends, levels)
    start = int(known[([0, *ends])[first]]) if first else 0
    end = values.size if last == len(ends) - 1 else int(known[ends[last]])
    held = (end - start) / values.size
    changes = tuple(int(known[end]) for end in ends[:-1])
    level = float(np.nanmedian(values[start:end]))
    reason = None if held >= share else f"the longest steady stretch is {held:.0%} of the window, not {share:.0%}"
    return Steady(start, end, level, held, changes, reason)


def noise_of(medians_ms: Sequence[float]) -> float:
    """Return the relative noise from one second to the next, robustly; NaN with fewer than three known seconds."""
    values = np.asarray(medians_ms, dtype=float)
    known = values[np.isfinite(values) & (values > 0)]
    return _noise(np.log(known)) if known.size > 2 else float("nan")  # noqa: PLR2004


@cache  # simulating takes 0.1 s, and the same arguments give the same share
def power(step: float, noise: float, seconds: int, *, samples: int = POWER_SAMPLES, seed: int = 1) -> float:
    """
    Return in which share of simulated windows a step in the middle is found.

    Args:
        step: relative height, such as 0.15.
        noise: relative standard deviation from second to second (log-normal, independent).
        seconds: of the window; 0 is found in windows that are too short to be looked at.
        samples: windows.
        seed: of the noise.
    """
    random = np.random.default_rng(seed)
    level = np.where(np.arange(seconds) < seconds // 2, 1.0, 1.0 + step)
    windows = level * np.exp(random.normal(0, noise, (samples, seconds)))
    return float(np.mean([not steady(window.tolist()).ok for window in windows])) if seconds >= FEWEST_SECONDS else 0.0


def _noise(data: NDArray[np.float64]) -> float:
    return 1.4826 * float(np.median(np.abs(np.diff(data)))) / sqrt(2)


def _changes(data: NDArray[np.float64]) -> list[int]:
    """Where the segments end; the last end is that of the data."""
    smooth = scipy.ndimage.median_filter(data, size=5, mode="nearest")
    noise = max(_noise(data), LEAST_NOISE)
    calm = smooth + np.clip(data - smooth, -OUTLIER * noise, OUTLIER * noise)
    return segments(calm, PENALTY * noise**2 * log(data.size))


def segments(data: NDArray[np.float64], penalty: float, shortest: int = SHORTEST) -> list[int]:
    """
    Return where the segments end that cost least: squared deviations from each segment's mean, and a penalty for each.

    Exact, by optimal partitioning (Jackson et al. 2005, doi:10.1109/LSP.2001.838216), the search that PELT prunes: a
    window has seconds by the hundred, so the square of that is a matter of milliseconds.

    Args:
        data: at least one value.
        penalty: of one more segment.
        shortest: fewest values of a segment; fewer data make one segment.
    """
    sums, squares = (np.concatenate([[0.0], np.cumsum(power)]) for power in (data, data**2))
    best = np.full(data.size + 1, np.inf)
    best[0] = -penalty
    before = np.zeros(data.size + 1, dtype=int)
    for end in range(shortest, data.size + 1):
        starts = np.arange(end - shortest + 1)
        cost = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / (end - starts)
        totals = best[starts] + cost + penalty
        before[end] = int(np.argmin(totals))
        best[end] = totals[before[end]]
    ends = [data.size]
    while start := int(before[ends[-1]]):
        ends.append(start)
    return ends[::-1]


def _spans(ends: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _longest(ends: Sequence[int], levels: Sequence[float]) -> tuple[int, int]:
    """The first and last of the neighbouring segments, all of whose levels are the same, that hold most."""
    best, held = (0, 0), 0
    for first in range(len(ends)):
        for last in range(first, len(ends)):
            group = levels[first : last + 1]
            if max(group) > min(group) * (1 + SAME):
                break
            length = ends[last] - ([0, *ends])[first]
            if length > held:
                best, held = (first, last), length
    return best


def _nothing(reason: str) -> Steady:
    return Steady(0, 0, float("nan"), 0.0, (), reason)
