"""How often an interval holds the truth when it decided when to stop."""

from collections.abc import Sequence

import numpy as np

from twinshop.lab.simulation.coverage import Draw, normal
from twinshop.lab.statistics.intervals import t_ends
from twinshop.lab.statistics.looks import looks as allowed


def stopped(
    plan: Sequence[int], samples: int, seed: int, *, looks: int, width: float = 0.05, draw: Draw = normal
) -> tuple[float, float]:
    """
    Return the share of runs whose last interval holds the truth (no difference), and the mean number of blocks.

    A run stops at the first look whose interval is narrow enough or excludes 0, or at the last.

    Args:
        plan: blocks at each look.
        samples: runs.
        seed: of the noise.
        looks: how many looks the intervals allow for: `len(plan)`, or 1 for ordinary ones.
        width: of an interval of a log-ratio that is narrow enough.
        draw: the log-ratios.
    """
    data = draw(np.random.default_rng(seed), samples, plan[-1])
    going = np.ones(samples, dtype=bool)
    held, used = np.zeros(samples, dtype=bool), np.zeros(samples)
    for blocks in plan:
        with allowed(looks):
            low, high = t_ends(data[:, :blocks])
        held[going] = ((low <= 0) & (high >= 0))[going]
        used[going] = blocks
        going &= (low <= 0) & (high >= 0) & (high - low > width)
    return float(held.mean()), float(used.mean())
