"""The empirical distribution function, with a confidence band."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Ecdf:
    """
    A distribution as steps.

    Attributes:
        x: the values, ascending, each once.
        share: of the values that are at most x.
        low, high: the band that holds the whole true distribution function with 95 % probability.
        n: how many values there were.
    """

    x: NDArray[np.float64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: int


def ecdf(values: Sequence[float], confidence: float = 0.95) -> Ecdf:
    """
    Return the distribution with its confidence band.

    The band is that of Dvoretzky, Kiefer and Wolfowitz: ± √(ln(2 / (1 - confidence)) / 2n).

    Raises:
        ValueError: no values, or one that is no number.
    """
    data = np.asarray(values, dtype=float)
    if data.size == 0 or np.isnan(data).any():
        raise ValueError("A distribution needs at least one value, and only numbers.")
    x, counts = np.unique(data, return_counts=True)
    share = np.cumsum(counts) / data.size
    half = sqrt(log(2 / (1 - confidence)) / (2 * data.size))
    return Ecdf(x, share, np.clip(share - half, 0, 1), np.clip(share + half, 0, 1), int(data.size))
