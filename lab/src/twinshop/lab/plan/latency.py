"""
How latency grows with utilisation: each of its quantiles as s + w g, where g is the wait of `queueing.waiting`.

s is what a request takes without a queue, w what waiting adds. For means this is Allen and Cunneen's formula, with
w = v D. For quantiles it is exact for M/M/1, where every quantile of the response grows as 1 / (1 - u) = 1 + g, and
describes processor sharing, which stretches every request by that factor on average; w is fitted for each quantile
rather than derived, since a shop's requests do not all cost the same. Stations in a row add up: with the same
utilisation u of all, R = Σ D / (1 - u) (open networks: Lazowska et al. 1984, chapter 6), so what was fitted on shared
processors holds for divided ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

ROUNDS = 6
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Law:
    """Of one quantile, in ms."""

    floor: float
    slope: float

    def __call__(self, wait: float) -> float:
        return self.floor + self.slope * wait

    def wait_for(self, latency_ms: float) -> float:
        """The wait at which it is reached; below 0 if it cannot be, infinite if waiting does not show."""
        if latency_ms <= self.floor:
            return -1.0
        return (latency_ms - self.floor) / self.slope if self.slope > 0 else float("inf")


def fit_law(waits: Sequence[float], latencies_ms: Sequence[float], requests: Sequence[int]) -> Law:
    """
    Least squares of relative errors, with neither number below 0.

    The errors are relative to the fit, in rounds: relative to what was measured they would favour too low a law.
    """
    g, measured = np.array(waits), np.array(latencies_ms)
    design = np.stack([np.ones_like(g), g], axis=1)
    counts: Array = np.sqrt(np.array(requests, dtype=float))
    expected = measured
    found = np.zeros(2)
    for _ in range(ROUNDS):
        weights = counts / expected
        found, _ = nnls(design * weights[:, None], measured * weights)
        expected = np.maximum(design @ found, measured.min() / 10)
    return Law(float(found[0]), float(found[1]))
