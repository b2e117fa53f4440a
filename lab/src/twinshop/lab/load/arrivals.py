"""
When sessions arrive: a Poisson process whose rate changes with time, the same again for the same seed.

By time rescaling: a Poisson process of rate 1 is drawn on the axis of the expected number of arrivals, and carried back
to the axis of time by the inverse of the integrated rate. Exact for rates that change evenly; no draw is thrown away.
"""

import math
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twinshop.lab.load.plan import JOURNEYS, LoadPlan, Phase


def poisson(phases: Sequence[Phase], seed: int) -> Iterator[float]:
    """Moments in seconds since the beginning, in ascending order."""
    draw = random.Random(f"arrivals {seed}")  # noqa: S311 - must be reproducible
    begin, expected = 0.0, 0.0
    following = draw.expovariate(1.0)
    for phase in phases:
        arrivals = (phase.start + phase.end) / 2 * phase.seconds
        while following < expected + arrivals:
            yield begin + min(phase.seconds, _time_of(following - expected, phase))
            following += draw.expovariate(1.0)
        begin += phase.seconds
        expected += arrivals


def _time_of(arrivals: float, phase: Phase) -> float:
    """The x at which the integral of the rate from 0 to x is `arrivals`; a quadratic in its stable form."""
    slope = (phase.end - phase.start) / phase.seconds
    root = math.sqrt(max(0.0, phase.start**2 + 2 * slope * arrivals))
    return 2 * arrivals / (phase.start + root) if arrivals else 0.0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """All sessions of a load, before it begins: when each is due, and its journey as an index of `JOURNEYS`."""

    due: "array[float]"
    journey: "array[int]"
    seed: int

    def __len__(self) -> int:
        return len(self.due)

    def choices(self, session: int) -> random.Random:
        """What one session draws its products and pauses from, whatever other sessions do meanwhile."""
        return random.Random(f"session {session} {self.seed}")  # noqa: S311


def arrivals(plan: LoadPlan) -> Arrivals:
    due = array("d", poisson(plan.phases, plan.seed))
    draw = random.Random(f"journeys {plan.seed}")  # noqa: S311 - another one: the mix leaves the arrivals alone
    weights = [plan.mix.get(journey, 0.0) for journey in JOURNEYS]
    return Arrivals(due, array("B", draw.choices(range(len(JOURNEYS)), weights, k=len(due))), plan.seed)
