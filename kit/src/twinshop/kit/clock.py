"""The time as a component sees it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time in UTC; where faults can be planted, it may be made to go wrong (`kit.faults`)."""

    def __init__(self) -> None:
        self._skew: Callable[[], timedelta] | None = None

    def __call__(self) -> datetime:
        now = datetime.now(UTC)
        return now if self._skew is None else now + self._skew()

    def follow(self, skew: Callable[[], timedelta]) -> None:
        """From now on be off by whatever this says."""
        self._skew = skew
