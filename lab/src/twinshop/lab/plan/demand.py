"""
How much CPU time a request costs each part: the utilisation law, U = b + D X, by least squares.

D is the service demand, b what a part uses without any request (health checks, timers). Regression over rates is the
usual way to estimate demands (Rolia and Vetland, Parameter estimation for performance models of distributed application
systems, CASCON 1995; Lazowska et al., Quantitative System Performance, 1984, chapter 12).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.optimize import nnls

from twinshop.lab.plan.points import OUTSIDE, Point
from twinshop.lab.plan.queueing import waiting

MOST_UTILISATION = 0.95
"""
A busier queue is not described: it needs about D / (1 - √u)² to settle (the relaxation time of M/M/1), and a hold of
some seconds shows where it happened to be on the way there.
"""


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one part: `seconds` of CPU time for a request, `idle` processors used without any."""

    seconds: float
    idle: float

    def used(self, rate: float) -> float:
        """Return the processors used at this rate of requests."""
        return self.idle + self.seconds * rate


Demands = Mapping[str, Demand]


def fit_demands(points: Sequence[Point]) -> dict[str, Demand]:
    """
    Of each part. What `outside` uses is laid on the parts in proportion to what they use.

    The variance of the CPU time used is taken to grow with the number of requests, as a sum of independent ones has it.
    """
    rates = np.array([point.rate for point in points])
    weights = np.sqrt([point.requests for point in points]) / rates
    design = np.stack([rates, np.ones_like(rates)], axis=1) * weights[:, None]
    parts = dict.fromkeys(part for point in points for part in point.cpu)
    found = {}
    for part in parts:
        (seconds, idle), _ = nnls(design, np.array([point.cpu.get(part, 0.0) for point in points]) * weights)
        found[part] = Demand(float(seconds), float(idle))
    return _laid_on(found)


def _laid_on(found: dict[str, Demand]) -> dict[str, Demand]:
    outside = found.pop(OUTSIDE, Demand(0.0, 0.0))
    seconds, idle = (sum(each) for each in zip(*((d.seconds, d.idle) for d in found.values()), strict=True))
    if not seconds:
        return found
    # Without any use of their own when idle, the parts share that of the kernel as they do the rest.
    rest = {part: each.idle / idle if idle else each.seconds / seconds for part, each in found.items()}
    more = 1 + outside.seconds / seconds
    return {part: Demand(each.seconds * more, each.idle + outside.idle * rest[part]) for part, each in found.items()}


def processors(demands: Demands, rate: float) -> float:
    """Used by all parts."""
    return sum(each.used(rate) for each in demands.values())


def wait_at(demands: Demands, rate: float, cpus: float, workers: Mapping[str, int], processes: Sequence[str]) -> float:
    """
    `waiting` of the bottleneck of a measured shop: its processors, or a process that has no more workers.

    A worker uses one processor at most. Infinite from `MOST_UTILISATION` on.
    """
    whole = int(-(-cpus // 1))
    stations = [(whole, processors(demands, rate) / cpus)]
    for name in processes:
        own = workers.get(name, 1)
        if own < whole and name in demands:
            stations.append((own, demands[name].used(rate) / own))
    return max(inf if used > MOST_UTILISATION else waiting(servers, used) for servers, used in stations)
