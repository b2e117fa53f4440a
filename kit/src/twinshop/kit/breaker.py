"""
A circuit breaker: while a component fails, fail at once instead of letting every page wait for its timeout.

Own code, because it sits on every call between components and is a dozen lines: the libraries for it take locks or
wrap the call in another coroutine.
"""

from time import monotonic

FAILURES = 5
"""Consecutive failures that open it."""
OPEN_SECONDS = 1.0
"""Seconds for which it stays open before one trial call is allowed."""


class Breaker:
    """A breaker per component and process: closed (calls pass), open (calls fail), half-open (one trial call)."""

    def __init__(self, failures: int = FAILURES, open_seconds: float = OPEN_SECONDS) -> None:
        self._limit = failures
        self._open_seconds = open_seconds
        self._failed = 0
        self._try_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._failed >= self._limit

    def allows(self) -> bool:
        """Return whether a call is allowed now; while open, one call every `open_seconds`."""
        if self._failed < self._limit:
            return True
        now = monotonic()
        if now < self._try_at:
            return False
        self._try_at = now + self._open_seconds
        return True

    def succeeded(self) -> None:
        self._failed = 0

    def failed(self) -> None:
        self._failed += 1
        if self._failed >= self._limit:
            self._try_at = monotonic() + self._open_seconds
