"""How well the prices of a call and of a process are found, where they are known."""

import numpy as np

from twinshop.lab.experiments.communication.lines import Held, fit
from twinshop.lab.statistics.intervals import t_ends

SPLITS = ((0.0, 0), (0.4, 1), (0.9, 2), (4.7, 1), (1.7, 3), (4.7, 4))
"""Remote calls a session and further processes of the splits of a full run."""
RATES = (3.0, 6.5, 10.0)
SECONDS = (20.0, 20.0, 40.0)
SESSION_MS, BASE_MS_PER_S = 12.0, 15.0


def found(
    blocks: int, samples: int, seed: int, *, call: float = 1.0, process: float = 10.0, noise: float = 0.03
) -> tuple[tuple[float, float], tuple[float, float]]:
    """
    Return mean and coverage of both prices over simulated runs: of a call (ms), and of a process (ms a second).

    Args:
        blocks: of a run.
        samples: runs.
        seed: of the noise.
        call: the true price of a call.
        process: that of a process.
        noise: standard deviation of the CPU time of one load, as a share of it.
    """
    random = np.random.default_rng(seed)
    made = np.empty((samples, blocks, 2))
    for run in range(samples):
        for block in range(blocks):
            session = SESSION_MS * np.exp(random.normal(0, 0.05))  # other arrivals in each block
            points = []
            for calls, more in SPLITS:
                for rate, seconds in zip(RATES, SECONDS, strict=True):
                    used = rate * (session + call * calls) + BASE_MS_PER_S + process * more
                    used *= np.exp(random.normal(0, noise))
                    points.append((Held(rate, seconds, float(used), float(used)), calls, float(more)))
            made[run, block] = fit(points)
    low, high = t_ends(np.moveaxis(made, 1, -1))
    truth = np.array([call, process])
    held = ((low <= truth) & (truth <= high)).mean(axis=0)
    middle = made.mean(axis=(0, 1))
    return (float(middle[0]), float(held[0])), (float(middle[1]), float(held[1]))
