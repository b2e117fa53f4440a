"""A fault in this process: its effect on calls, and what runs beside them."""

import asyncio
import os
import signal
import time
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

from twinshop.contracts.errors import Unavailable
from twinshop.kit import metrics
from twinshop.kit.faults import models
from twinshop.kit.faults.background import Hoard, spin

NO_SKEW = timedelta()
NAP_SECONDS = 0.05
"""Seconds after which a blocking call checks whether the fault is over."""
LONGEST_LAPSE_SECONDS = 1.0
"""A process that was stopped for a while does not leak all of that time at once."""


class InjectedBugError(Exception):
    """An unhandled exception, which is not an error of the shop."""


class Active:
    """
    A fault from its injection to `end`. All methods but `apply` may be called from any thread.

    It checks the time itself, so that it acts from its first moment to its last, however busy the process is.
    """

    def __init__(self, injection: models.Injection) -> None:
        self.injection = injection
        self.fault = injection.fault
        now = time.monotonic() - time.time()  # what to add to a moment, which may be moved, to have one that is not
        self._begins = now + injection.begins_at.timestamp()
        self._ends = now + injection.ends_at.timestamp()
        self._over: Future[None] = Future()
        self._random = Random(injection.fault.seed if isinstance(injection.fault, models.CallFault) else 0)  # noqa: S311
        self._hoard = Hoard(injection.fault.up_to_mib if isinstance(injection.fault, models.Leak) else 0)
        self._leaked_until = self._begins
        self._spins = False
        self._affected = metrics.fault_affected_calls.labels(injection.fault.component, injection.fault.kind)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends

    @property
    def skew(self) -> timedelta:
        """Return the present skew of the clock of the component."""
        if isinstance(self.fault, models.Skew) and self._begins <= time.monotonic() < self._ends:
            return timedelta(seconds=self.fault.by_seconds)
        return NO_SKEW

    def go_on(self) -> None:
        """Advance the effects that depend on time. Called repeatedly."""
        now = time.monotonic()
        if now < self._begins:
            return
        if isinstance(self.fault, models.Spin) and not self._spins:
            self._spins = True
            spin(self.fault.threads, self._over)
        if isinstance(self.fault, models.Leak):
            lapse, self._leaked_until = min(now - self._leaked_until, LONGEST_LAPSE_SECONDS), now
            with suppress(MemoryError):  # that is what it is for
                self._hoard.add(self.fault.mib_per_second * lapse)

    def end(self) -> None:
        """End the fault and release its threads, memory and hanging calls."""
        self._over.set_result(None)
        self._hoard.release()

    async def apply(self, operation: str) -> None:
        """Apply the fault to a call before it begins, if the call is one of those affected."""
        fault = self.fault
        if not isinstance(fault, models.CallFault) or _comes_after(fault) or not self._hits(fault, operation):
            return
        self._affected.inc()
        match fault:
            case models.Latency():
                late = fault.milliseconds + self._random.uniform(-fault.jitter, fault.jitter)
                await asyncio.sleep(max(late, 0) / 1e3)
            case models.Errors(raises="unavailable"):
                raise Unavailable(f"The {fault.component} component has an injected fault.", component=fault.component)
            case models.Errors():
                raise InjectedBugError(f"injected into {fault.component}.{operation}")
            case models.Block():
                self._block(fault.milliseconds / 1e3)
            case models.Burn():
                self._burn(fault.milliseconds / 1e3)
            case models.Hang():
                await asyncio.shield(asyncio.wrap_future(self._over))  # one caller that gives up frees no other
            case models.Leak():
                self._hoard.add(fault.mib_per_call)
            case models.Crash():
                _die()

    def apply_after(self, operation: str, answer: Any) -> Any:  # noqa: ANN401 - of any port
        """Apply the fault once a call has its answer, and return what the caller gets."""
        if isinstance(self.fault, models.Crash) and _comes_after(self.fault) and self._hits(self.fault, operation):
            _die()
        return answer

    def _hits(self, fault: models.CallFault, operation: str) -> bool:
        if not self._begins <= time.monotonic() < self._ends:
            return False
        if fault.operations and operation not in fault.operations:
            return False
        return self._random.random() < fault.ratio

    def _block(self, seconds: float) -> None:
        """In naps: the time limit must end it even while calls queue up so that the loop never gets free."""
        end = time.monotonic() + seconds
        while not self._over.done() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, NAP_SECONDS))

    def _burn(self, seconds: float) -> None:
        """Processor time, so that the bug costs the same on a busy machine."""
        end = time.thread_time() + seconds
        while not self._over.done() and time.thread_time() < end:
            pass


def _comes_after(fault: models.CallFault) -> bool:
    return isinstance(fault, models.Crash) and fault.when == "after"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    os._exit(128 + signal.SIGKILL)  # the first process of a container is spared by signals from within
