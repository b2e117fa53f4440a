"""The time of a load that runs."""

import time

from twinshop.lab.errors import LoadError
from twinshop.lab.load.api import RunningLoad

PREPARE_SECONDS = 60.0
"""How long a load may take to begin."""


class LoadClock:
    """Seconds since a load began."""

    def __init__(self, load: RunningLoad) -> None:
        """Waits until it has begun. Raises LoadError."""
        give_up = time.monotonic() + PREPARE_SECONDS
        while load.seconds() < 0:
            if time.monotonic() > give_up:
                raise LoadError(f"The load had not begun after {PREPARE_SECONDS:.0f} seconds.")
            time.sleep(0.05)
        self._zero = time.monotonic() - load.seconds()

    def now(self) -> float:
        return self.of(time.monotonic())

    def of(self, moment: float) -> float:
        """The second of a moment by `time.monotonic`."""
        return moment - self._zero

    def moment(self, second: float) -> float:
        """The moment, by `time.monotonic`, of a second."""
        return second + self._zero

    def wait_until(self, second: float) -> None:
        time.sleep(max(0.0, second - self.now()))
