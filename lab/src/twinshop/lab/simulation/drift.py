"""How often the test for drifts finds one."""

import numpy as np
from numpy.typing import NDArray

from twinshop.lab.statistics.order import SUSPICIOUS, slope_of_place

BETWEEN, NOISE = 0.3, 0.05
"""Standard deviations (of the logarithm): from block to block, each with other arrivals, and from trial to trial."""


def drifts_found(blocks: int, arms: int, samples: int, seed: int, *, slope: float = 0.0) -> float:
    """
    Return the share of runs in which a figure is said to drift.

    Args:
        blocks: of a run.
        arms: of a block, in random order.
        samples: runs.
        seed: of order and noise.
        slope: what really changes from one place in a block to the next.
    """
    random = np.random.default_rng(seed)
    order: NDArray[np.int64] = np.concatenate([random.permutation(arms) for _ in range(blocks)])
    block, place = np.repeat(np.arange(blocks), arms), np.tile(np.arange(arms), blocks)
    values = (
        random.normal(0, BETWEEN, (samples, blocks))[:, block]
        + random.normal(0, 1, (samples, arms))[:, order]
        + random.normal(0, NOISE, (samples, order.size))
        + slope * place
    )
    _, p = slope_of_place(values, order.tolist(), block.tolist(), np.arange(order.size).tolist())
    return float(np.mean(p < SUSPICIOUS))
