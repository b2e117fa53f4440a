"""Whether a component's store answers: told in the log when that changes, with the reason, and without secrets."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""A store that fails and answers in turn is told of no more often than this."""
LONGEST = 300


class StoreState:
    """
    The state of one store, as its client sees it; good until it fails.

    Args:
        component: whose store it is.
        kind: `database` or `redis`.
        secrets: what a reason must not show: passwords, as they are.
        now: seconds on a clock that never goes back.
    """

    def __init__(
        self, component: str, kind: str, secrets: Iterable[str] = (), now: Callable[[], float] = time.monotonic
    ) -> None:
        self._facts = {"component": component, "store": kind}
        self._secrets = [form for secret in secrets if secret for form in (secret, quote(secret, safe=""))]
        self._now = now
        self._since: float | None = None
        self._told = float("-inf")

    def failed(self, error: BaseException) -> None:
        """Record that it did not answer. The first time since its last answer, log the reason."""
        now = self._now()
        if self._since is not None or now - self._told < PAUSE_SECONDS:
            return
        self._since = self._told = now
        log.warning("the store does not answer", extra={**self._facts, "reason": self._reason(error)})

    def answered(self) -> None:
        """Record that it answered. The first time since its last failure, log it."""
        if self._since is None:
            return
        away, self._since = self._now() - self._since, None
        log.info("the store answers again", extra={**self._facts, "seconds": round(away, 3)})

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Ask whether it answers: to be cancelled meanwhile means that it did not in the time it was given."""
        try:
            yield
        except asyncio.CancelledError:
            self.failed(TimeoutError("no answer in the time that a readiness check has"))
            raise

    def _reason(self, error: BaseException) -> str:
        """The first line of what the driver says: SQLAlchemy adds the statement with its values below it."""
        text = f"{type(error).__name__}: {error}".partition("\n")[0]
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text.removesuffix(": ")[:LONGEST]
