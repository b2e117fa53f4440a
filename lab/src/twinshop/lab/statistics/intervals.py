"""
95 % intervals of one sample.

Student's t at every size: `twinshop.lab.simulation` tells how often it holds the truth. The bootstrap (BCa) that was
here from ten values on did so less often at every size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import special

from twinshop.lab.statistics import looks

CONFIDENCE = 0.95

Method = Literal["t", "order statistics", "batch means", "Clopper-Pearson", "counted", "no variation", "none"]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """
    An estimate and its 95 % interval.

    Attributes:
        value: the sample's own mean or median.
        low, high: NaN where the sample is too small for any interval, or did not vary.
        n: how many values.
        method: how the interval was made.
    """

    value: float
    low: float
    high: float
    n: int
    method: Method


def interval(values: Sequence[float], of: Literal["mean", "median"] = "median") -> Interval:
    """
    Return the mean or the median of values of independent trials, with its interval.

    The median's interval comes from order statistics: it holds for any distribution, and there is none for fewer than
    six values. The mean's: see `mean`.

    Raises:
        ValueError: no values, or one that is no finite number.
    """
    data = _checked(values)
    if of == "mean":
        return mean(data)
    ends: Any = scipy.stats.quantile_test(data, p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(ends.low), float(ends.high)
    if isnan(low) or isnan(high):
        return Interval(float(np.median(data)), nan, nan, data.size, "none")
    if low == high:
        return Interval(low, nan, nan, data.size, "no variation")
    return Interval(float(np.median(data)), low, high, data.size, "order statistics")


def mean(values: Sequence[float] | Array) -> Interval:
    """
    Return the mean with its Student t interval; a single value has none.

    Values that are all the same have no interval: that nothing varied in a few trials does not say that nothing can,
    and an interval without length would. Where they are counts of sessions, `shares` has the interval.

    Raises:
        ValueError: no values, or one that is no finite number.
    """
    data = _checked(values)
    n, middle = data.size, float(data.mean())
    if n == 1:
        return Interval(middle, nan, nan, n, "none")
    if np.ptp(data) <= 1e-9 * max(np.abs(data).max(), 1e-300):
        return Interval(middle, nan, nan, n, "no variation")
    low, high = t_ends(data)
    return Interval(middle, float(low), float(high), n, "t")


def quantile() -> float:
    """Of the upper end of a two-sided interval of 95 %, at each of the looks that are allowed for."""
    return 1 - (1 - CONFIDENCE) / 2 / looks.number()


def t_ends(data: Array) -> tuple[Array, Array]:
    """Return both ends of the t intervals of the means over the last axis, which has two values at least."""
    n = data.shape[-1]
    middle = data.mean(axis=-1)
    half = float(special.stdtrit(n - 1, quantile())) * data.std(axis=-1, ddof=1) / sqrt(n)
    return middle - half, middle + half


def _checked(values: Sequence[float] | Array) -> Array:
    data = np.asarray(values, dtype=float)
    if data.size == 0 or not np.isfinite(data).all():
        raise ValueError("An interval needs at least one value, and only finite numbers.")
    return data
