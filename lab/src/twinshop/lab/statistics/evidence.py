"""Strength of a verdict: p-values of two one-sided t tests, and Holm's correction for several claims."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]


class Zone(NamedTuple):
    """What is called the same: from below no difference (0) to above it, on a scale on which differences add up."""

    low: float
    high: float

    def widened(self, by: float) -> "Zone":
        return Zone(self.low - by, self.high + by)


def p_beyond(value: ArrayLike, error: ArrayLike, freedom: int, zone: Zone) -> Array:
    """
    Return how often chance alone gives a mean as far outside the zone where the truth is at its border.

    Twice the one-sided p, so that it is below 5 % just where a 95 % interval lies outside the zone.

    Args:
        value: means.
        error: their standard errors.
        freedom: degrees of freedom of the errors.
        zone: of no difference that matters.
    """
    middle, error_ = np.asarray(value, dtype=float), np.asarray(error, dtype=float)
    away = np.where(middle > 0, middle - zone.high, zone.low - middle)
    return _twice(away / error_, freedom)


def p_within(value: ArrayLike, error: ArrayLike, freedom: int, zone: Zone) -> Array:
    """Return the same for a mean that lies inside the zone (two one-sided tests, Schuirmann 1987)."""
    middle, error_ = np.asarray(value, dtype=float), np.asarray(error, dtype=float)
    inside = np.minimum(zone.high - middle, middle - zone.low)
    return _twice(inside / error_, freedom)


def _twice(t: Array, freedom: int) -> Array:
    return np.asarray(np.minimum(1.0, 2 * special.stdtr(freedom, -t)))


def holm(p: ArrayLike) -> Array:
    """
    Return the p-values corrected for their number (Holm 1979), along the last axis.

    If each verdict with a corrected p below 5 % is kept, then in at most 5 % of all runs any of those kept is wrong,
    however the verdicts depend on each other.
    """
    raw = np.asarray(p, dtype=float)
    number = raw.shape[-1]
    order = np.argsort(raw, axis=-1)
    factors = number - np.arange(number)
    in_order = np.maximum.accumulate(np.minimum(1.0, np.take_along_axis(raw, order, -1) * factors), axis=-1)
    corrected = np.empty_like(in_order)
    np.put_along_axis(corrected, order, in_order, -1)
    return corrected
