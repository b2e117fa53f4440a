"""The time as a component sees it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Return the time in UTC. A fault can skew it (`kit.faults`)."""

    def __init__(self) -> None:
        self._skew: Callable[[], timedelta] | None = None

    def __call__(self) -> datetime:
        now = datetime.now(UTC)
        return now if self._skew is None else now + self._skew()

    def follow(self, skew: Callable[[], timedelta]) -> None:
        """Skew the clock by what this function returns, from now on."""
        self._skew = skew
