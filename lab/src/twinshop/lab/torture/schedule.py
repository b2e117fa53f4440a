"""Which hazards come when, and for how long: drawn from the seed alone."""

import random
from collections.abc import Sequence

from twinshop.lab.torture.api import Step

WARM_SECONDS = 5.0
"""The shop is left alone for so long at first."""
PAUSE_SECONDS = (0.5, 2.0)
HOLD_SECONDS = (3.0, 5.0)
RECOVERY_SECONDS = 4.0
"""What is planned for the recovery from each; a shop that needs longer gets its next hazard later."""


def steps(seed: int, hazards: Sequence[str], seconds: float) -> tuple[Step, ...]:
    """
    The schedule: every hazard once in random order, then all of them again in another, until the time is up.

    Args:
        seed: the same one, the same schedule.
        hazards: names, in an order that does not change; each once.
        seconds: no step begins later.
    """
    drawn = random.Random(seed)  # noqa: S311 - must be repeatable
    found: list[Step] = []
    at = WARM_SECONDS
    while hazards:
        for name in drawn.sample(list(hazards), len(hazards)):
            at += drawn.uniform(*PAUSE_SECONDS)
            held = drawn.uniform(*HOLD_SECONDS)
            if at >= seconds:
                return tuple(found)
            found.append(Step(len(found) + 1, round(at, 1), name, round(held, 1), drawn.getrandbits(32)))
            at += held + RECOVERY_SECONDS
    return ()
