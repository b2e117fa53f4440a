"""
95 % intervals of one sample.

A bootstrap interval from few values is too narrow: simulated with normal values, BCa (the bias-corrected and
accelerated bootstrap) holds the true mean in 52 % of the samples of 2, 83 % of those of 5 and 92 % of those of 10,
where it promises 95 %; Student's t does so in 95 % of all of them, and does better with skewed values too. So samples
of fewer than `FEWEST_FOR_BCA` have t intervals. A test repeats the simulation.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FEWEST_FOR_BCA = 10
RESAMPLES = 9_999
CONFIDENCE = 0.95

Method = Literal["BCa", "t", "order statistics", "none"]


@dataclass(frozen=True, slots=True)
class Interval:
    """
    An estimate and its 95 % interval.

    Attributes:
        value: the sample's own mean or median.
        low, high: NaN where the sample is too small for any interval.
        n: how many values.
        method: how the interval was made.
    """

    value: float
    low: float
    high: float
    n: int
    method: Method


def interval(values: Sequence[float], of: Literal["mean", "median"] = "median", *, seed: int = 1) -> Interval:
    """
    The mean or the median of values of independent trials.

    The median's interval comes from order statistics: exact for any distribution, and there is none for fewer than six
    values. The mean's: see `mean`.

    Raises:
        ValueError: no values, or one that is no finite number.
    """
    data = _checked(values)
    if of == "mean":
        return mean(data, seed=seed)
    ends: Any = stats.quantile_test(data, p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(ends.low), float(ends.high)
    known = not (isnan(low) or isnan(high))
    return Interval(float(np.median(data)), low, high, data.size, "order statistics" if known else "none")


def mean(values: Sequence[float] | NDArray[np.float64], *, seed: int = 1) -> Interval:
    """
    The mean with its interval: BCa from ten values on, Student's t below, none for a single one.

    Values that are all the same have an interval without length, which says that nothing varied, not that nothing can.

    Raises:
        ValueError: no values, or one that is no finite number.
    """
    data = _checked(values)
    n, middle = data.size, float(data.mean())
    if n == 1:
        return Interval(middle, nan, nan, n, "none")
    if np.ptp(data) <= 1e-12 * np.abs(data).max():
        return Interval(middle, middle, middle, n, "t" if n < FEWEST_FOR_BCA else "BCa")
    if n < FEWEST_FOR_BCA:
        low, high = stats.t.interval(CONFIDENCE, n - 1, middle, stats.sem(data))
        return Interval(middle, float(low), float(high), n, "t")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (data,),
            np.mean,
            confidence_level=CONFIDENCE,
            n_resamples=RESAMPLES,
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    return Interval(middle, float(found.low), float(found.high), n, "BCa")


def _checked(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    data = np.asarray(values, dtype=float)
    if data.size == 0 or not np.isfinite(data).all():
        raise ValueError("An interval needs at least one value, and only finite numbers.")
    return data
