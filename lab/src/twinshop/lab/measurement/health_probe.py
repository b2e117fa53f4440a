"""A health probe like that of a monitor: it polls the readiness of a process."""

import time

from twinshop.lab.background import Background
from twinshop.lab.environments.request import ask

PAUSE_SECONDS = 0.25
TIMEOUT_SECONDS = 1.0


class HealthProbe(Background):
    """
    Asks `/readyz` four times a second while it is entered; an answer that takes longer than a second is none.

    Moments are by `time.monotonic`, those at which the answer came or its time was up.
    """

    def __init__(self, url: str) -> None:
        super().__init__("health probe")
        self._url = url
        self.answers: list[tuple[float, bool]] = []

    def first_failure(self, since: float) -> float | None:
        """The moment at which the first question asked after `since` failed."""
        return next((moment for moment, well in self.answers if moment >= since and not well), None)

    def _work(self) -> None:
        while not self._stopped.is_set():
            well = self._ask()
            self.answers.append((time.monotonic(), well))
            self._stopped.wait(PAUSE_SECONDS)

    def _ask(self) -> bool:
        try:
            return ask(self._url, "/readyz", seconds=TIMEOUT_SECONDS).ok
        except OSError:
            return False
