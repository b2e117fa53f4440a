"""How often the intervals of mean log-ratios hold the truth."""

from collections.abc import Callable, Mapping
from math import log

import numpy as np
from numpy.typing import NDArray

from twinshop.lab.statistics.intervals import t_ends

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], Array]
"""Samples of this number of log-ratios each; an interval with the true value contains 0."""
NOISE = 0.1
"""Standard deviation of a log-ratio from block to block."""
QUIET_NOISE, LATER_NOISE = 0.05, 0.01
"""The same where it would hide what is looked at."""
LATER = log(1.05)
"""What the arm that comes later in its block is slower by, whichever it is."""


def normal(random: np.random.Generator, samples: int, n: int) -> Array:
    """As the theory has it."""
    return random.normal(0, NOISE, (samples, n))


def exponential(random: np.random.Generator, samples: int, n: int) -> Array:
    """Skewed."""
    return NOISE * (random.exponential(1, (samples, n)) - 1)


def disturbed(random: np.random.Generator, samples: int, n: int) -> Array:
    """One block in ten had something else on the machine, which took 0.3 to 0.6 from one arm; the mean is the truth."""
    hit = random.random((samples, n)) < 0.1  # noqa: PLR2004
    taken = np.where(hit, random.uniform(0.3, 0.6, (samples, n)), 0.0)
    return normal(random, samples, n) * QUIET_NOISE / NOISE + taken - 0.045


def later_arm_random_order(random: np.random.Generator, samples: int, n: int) -> Array:
    """The arm that comes later is slower, and each block draws its order on its own."""
    return random.normal(0, LATER_NOISE, (samples, n)) + LATER * random.choice([-1, 1], (samples, n))


def later_arm_balanced_order(random: np.random.Generator, samples: int, n: int) -> Array:
    """The same, and either arm comes first equally often, or once more in an odd number of blocks."""
    signs: Array = np.resize([1.0, -1.0], n) * random.choice([-1.0, 1.0], (samples, 1))
    return random.normal(0, LATER_NOISE, (samples, n)) + LATER * signs


SCENARIOS: Mapping[str, Draw] = {
    "normal": normal,
    "exponential": exponential,
    "10 % of the blocks disturbed": disturbed,
    "later arm +5 %, random order": later_arm_random_order,
    "later arm +5 %, balanced order": later_arm_balanced_order,
}


def coverage(draw: Draw, n: int, samples: int, seed: int) -> float:
    """Return the share of samples of n blocks whose 95 % interval holds 0."""
    low, high = t_ends(draw(np.random.default_rng(seed), samples, n))
    return float(np.mean((low <= 0) & (high >= 0)))
