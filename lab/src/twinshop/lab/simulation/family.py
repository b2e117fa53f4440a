"""How often a run calls any claim clear that is not."""

from math import log, sqrt

import numpy as np

from twinshop.lab.statistics.evidence import Zone, holm, p_beyond
from twinshop.lab.statistics.intervals import CONFIDENCE
from twinshop.lab.statistics.verdict import EQUIVALENCE

ZONE = Zone(log(1 - EQUIVALENCE), log(1 + EQUIVALENCE))


def family_wise_errors(
    claims: int, blocks: int, samples: int, seed: int, *, ratio: float = 1 + EQUIVALENCE, shared: float = 0.0
) -> tuple[float, float]:
    """
    Return the share of runs with any wrong `better` or `worse`, without and with Holm's correction.

    Args:
        claims: of a run; all of them are about arms that differ by no more than 5 %.
        blocks: each claim rests on.
        samples: runs.
        seed: of the noise.
        ratio: the true one of all claims; 1.05 is the worst that is not yet an effect of interest.
        shared: share of the noise that all claims have in common, as they do if they come from the same trials.
    """
    random = np.random.default_rng(seed)
    common = random.normal(0, 1, (samples, 1, blocks))
    noise = sqrt(shared) * common + sqrt(1 - shared) * random.normal(0, 1, (samples, claims, blocks))
    logs = log(ratio) + 0.1 * noise
    value, error = logs.mean(axis=-1), logs.std(axis=-1, ddof=1) / sqrt(blocks)
    p = p_beyond(value, error, blocks - 1, ZONE)
    wrong = (float(np.mean((each <= 1 - CONFIDENCE).any(axis=-1))) for each in (p, holm(p)))
    alone, corrected = wrong
    return alone, corrected
