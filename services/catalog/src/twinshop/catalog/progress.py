"""How far a long import is: a line whenever a second has passed, on standard error or in the log."""

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Progress:
    """Says what is being done, with the seconds since the beginning; at most one line a second."""

    def __init__(self, products: int, say: Callable[[str], None] = log.info, *, patience: float = 1.0) -> None:
        self._products = products
        self._say = say
        self._patience = patience
        self._since = self._said = time.monotonic()

    def say(self, doing: str) -> None:
        now = time.monotonic()
        if now - self._said >= self._patience:
            self._said = now
            self._say(f"importing {self._products:,} products: {doing} ({now - self._since:.0f} s)")
