"""
The Universal Scalability Law (Gunther 1993): X(N) = g N / (1 + a (N - 1) + b N (N - 1)).

g is the throughput of one, a the contention (what queues for something shared), b the coherency (what grows with the
pairs). The peak, where dX/dN = 0, is at N = √((1 - a) / b).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan, nan, sqrt

import numpy as np
import scipy
from numpy.typing import NDArray

FEWEST_SIZES, ENOUGH_SIZES = 4, 6
RESAMPLES = 499
PRECISE, ROUGH = 1e-10, 1e-6
NOTHING = 1e-6
"""What is smaller is the solver's distance from its bounds; of b, at the largest size."""
Array = NDArray[np.float64]
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Usl:
    """
    A fit by least squares, with a and b not below 0; 95 % intervals from resampling the trials' residuals.

    Attributes:
        g, a, b: NaN if there were fewer than four sizes N.
        g_ends, a_ends, b_ends, peak_ends: their intervals; NaN where no trial is left over to tell the noise.
        peak: the N beyond which more resources carry less; NaN unless identified.
        sizes: how many different N were measured.
        trials: how many points.
        not_identified: why b and the peak cannot be told from these data; None if they can. It takes a peak within the
            sizes that were measured, and an interval of b above 0: before the knee, any small b fits.
        warning: what else the reader must know.
    """

    g: float
    a: float
    b: float
    g_ends: Ends
    a_ends: Ends
    b_ends: Ends
    peak: float
    peak_ends: Ends
    sizes: int
    trials: int
    not_identified: str | None
    warning: str | None

    def __call__(self, n: float) -> float:
        """Return the throughput at size n; NaN without a fit."""
        return float(throughput(np.array([n]), self.g, self.a, self.b)[0])

    @property
    def fitted(self) -> bool:
        return not isnan(self.g)


def throughput(n: Array, g: float, a: float, b: float) -> Array:
    """The law itself."""
    return g * n / (1 + a * (n - 1) + b * n * (n - 1))


def _slopes(n: Array, g: float, a: float, b: float) -> Array:
    """Of the throughput by each parameter."""
    below = 1 + a * (n - 1) + b * n * (n - 1)
    one = n / below
    return np.stack([one, -g * one * (n - 1) / below, -g * one * n * (n - 1) / below], axis=1)


def peak(a: float, b: float) -> float:
    """Return the size at which the throughput peaks; infinite without coherency."""
    return sqrt((1 - a) / b) if b > 0 else inf


def fit_usl(points: Sequence[tuple[float, float]], *, seed: int = 1) -> Usl:
    """
    Fit the law to the throughput of trials.

    Args:
        points: of each trial: N (processors, workers, instances), and its throughput.
        seed: of the resampling.

    Raises:
        ValueError: an N or a throughput is not above 0.
    """
    n, x = np.array(points, dtype=float).reshape(-1, 2).T
    if not ((n > 0).all() and (x > 0).all()):
        raise ValueError("Sizes and throughputs must be above 0.")
    sizes = len(set(n.tolist()))
    if sizes < FEWEST_SIZES:
        none = (nan, nan)
        why = f"{sizes} different sizes were measured, and three parameters need at least {FEWEST_SIZES}"
        return Usl(nan, nan, nan, none, none, none, nan, none, sizes, len(n), why, None)
    found = _fit(n, x, _start(n, x), PRECISE)
    g_ends, a_ends, b_ends, peak_ends = _ends(n, x, found, seed)
    why_not = _why_not(peak(*found[1:]), b_ends, float(n.max()))
    few = f"only {sizes} sizes: a reliable fit needs {ENOUGH_SIZES} or more"
    warning = few if sizes < ENOUGH_SIZES else None
    top, top_ends = (nan, (nan, nan)) if why_not else (peak(*found[1:]), peak_ends)
    return Usl(*found, g_ends, a_ends, b_ends, top, top_ends, sizes, len(n), why_not, warning)


def _why_not(top: float, b_ends: Ends, largest: float) -> str | None:
    if top > largest:
        return f"the throughput still grew at the largest size, {largest:g}: the knee was not seen"
    if not b_ends[0] > 0:
        return "the interval of the coherency reaches 0, or no trial is left over for one"
    return None


def _start(n: Array, x: Array) -> tuple[float, float, float]:
    """Where the law made linear (N / X as a polynomial) puts the parameters."""
    linear = np.stack([np.ones_like(n), n - 1, n * (n - 1)], axis=1)
    (per_g, a_per_g, b_per_g), _ = scipy.optimize.nnls(linear, n / x)
    g = 1 / per_g if per_g > 0 else float((x / n).max())
    return g, min(a_per_g * g, 0.99), b_per_g * g


def _fit(n: Array, x: Array, start: tuple[float, float, float], precise: float) -> tuple[float, float, float]:
    """Least squares."""
    found, _ = scipy.optimize.curve_fit(
        throughput,
        n,
        x,
        p0=start,
        bounds=([0, 0, 0], [np.inf, 1, np.inf]),
        jac=_slopes,
        x_scale="jac",
        ftol=precise,
        xtol=precise,
        gtol=precise,
    )
    g, a, b = (float(each) for each in found)
    return g, (a if a > NOTHING else 0.0), (b if b * n.max() ** 2 > NOTHING else 0.0)


def _ends(n: Array, x: Array, found: tuple[float, float, float], seed: int) -> tuple[Ends, Ends, Ends, Ends]:
    """Percentiles of the fits to the curve plus resampled residuals, made larger for the three parameters they lost."""
    spare = len(n) - len(found)
    if spare < 1:
        return (nan, nan), (nan, nan), (nan, nan), (nan, nan)
    random = np.random.default_rng(seed)
    curve = throughput(n, *found)
    residuals = (x - curve) * sqrt(len(n) / spare)
    rows = []
    for _ in range(RESAMPLES):
        again = np.maximum(curve + random.choice(residuals, len(n)), 1e-9 * curve)
        g, a, b = _fit(n, again, found, ROUGH)
        rows.append((g, a, b, peak(a, b)))
    low, high = np.percentile(np.array(rows), [2.5, 97.5], axis=0, method="nearest")
    g_ends, a_ends, b_ends, peak_ends = ((float(one), float(other)) for one, other in zip(low, high, strict=True))
    return g_ends, a_ends, b_ends, peak_ends
