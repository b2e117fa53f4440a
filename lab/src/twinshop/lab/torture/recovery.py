"""Whether the shop has recovered: all storefronts run, all processes are ready, all components serve, and it sells."""

import time

from twinshop.lab.errors import LabError
from twinshop.lab.measurement.steady_state import trouble
from twinshop.lab.torture.api import Scene

LONGEST_SECONDS = 120.0
"""A shop that needs longer after a hazard was reverted has not survived it."""
PAUSE_SECONDS = 0.2


class NotRecovered(Exception):
    """It is not well after `LONGEST_SECONDS`: the message says what is wrong."""


def recovered(scene: Scene, since: float) -> float:
    """Seconds from that moment (by `time.monotonic`) until it was well. Raises NotRecovered."""
    while True:
        wrong = _wrong(scene)
        now = time.monotonic()
        if wrong is None:
            return now - since
        if now - since > LONGEST_SECONDS:
            raise NotRecovered(wrong)
        time.sleep(PAUSE_SECONDS)


def _wrong(scene: Scene) -> str | None:
    try:
        there = len(scene.environment.control_urls(scene.front))
    except LabError as error:
        return str(error)
    if there < scene.replicas:
        return f"{there} of {scene.replicas} storefronts are running"
    return trouble(scene.environment) or (None if scene.crowd.sells() else "a purchase is not acknowledged")
