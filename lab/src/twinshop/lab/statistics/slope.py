"""The slope of a series of measurements over time."""

from collections.abc import Sequence

import numpy as np
import scipy
from scipy import special

from twinshop.lab.statistics.intervals import CONFIDENCE, Interval

BATCHES = 10


def slope(times: Sequence[float], values: Sequence[float]) -> Interval | None:
    """
    Return the least-squares slope with its 95 % interval; None if there are fewer than two values for each batch.

    Neighbouring values are correlated, so a line through all of them would look far more certain than it is. The line
    goes through the means of ten batches of equal length instead (the method of batch means: Law, Simulation Modeling
    and Analysis, section 9.5), and its interval is Student's t with eight degrees of freedom.

    Args:
        times: when each value was taken, ascending.
        values: as many.
    """
    if len(values) < 2 * BATCHES:
        return None
    at = [float(batch.mean()) for batch in np.array_split(np.asarray(times, dtype=float), BATCHES)]
    means = [float(batch.mean()) for batch in np.array_split(np.asarray(values, dtype=float), BATCHES)]
    line = scipy.stats.linregress(at, means)
    half = float(special.stdtrit(BATCHES - 2, (1 + CONFIDENCE) / 2)) * float(line.stderr)
    value = float(line.slope)
    return Interval(value, value - half, value + half, len(values), "batch means")
