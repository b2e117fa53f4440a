"""Evidence that a hazard was active."""

import time
from collections.abc import Callable

from twinshop.lab.environments.protocol import Environment

POLL_SECONDS = 0.1


def starts(environment: Environment) -> int:
    """How often supervisors restarted processes; those that are down do not count."""
    return sum(used.starts for used in environment.usage().values())


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Wait until it has happened; False if it has not within this time."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True
