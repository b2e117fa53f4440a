"""A fault at work in this process: what it does to a call, and what goes on beside the calls."""

import asyncio
import os
import signal
import time
from concurrent.futures import Future
from contextlib import suppress
from random import Random

from twinshop.contracts.errors import Unavailable
from twinshop.kit import metrics
from twinshop.kit.faults import models
from twinshop.kit.faults.background import Hoard, spin

NAP_SECONDS = 0.05
"""How often a call that blocks looks whether the fault is over."""
LONGEST_LAPSE_SECONDS = 1.0
"""A process that was stopped for a while does not leak all of that time at once."""


class PlantedBugError(Exception):
    """What nobody foresaw: no error of the shop's."""


class Active:
    """From `begin` to `end`; both may be called from any thread."""

    def __init__(self, planted: models.Planted) -> None:
        self.planted = planted
        self.fault = planted.fault
        self.deadline = time.monotonic() + (planted.ends_at.timestamp() - time.time())
        self._over: Future[None] = Future()
        self._random = Random(planted.fault.seed if isinstance(planted.fault, models.CallFault) else 0)  # noqa: S311
        self._hoard = Hoard(planted.fault.up_to_mib if isinstance(planted.fault, models.Leak) else 0)
        self._leaked_until = time.monotonic()
        self._struck = metrics.fault_strikes.labels(planted.fault.component, planted.fault.kind)

    def begin(self) -> None:
        if isinstance(self.fault, models.Spin):
            spin(self.fault.threads, self._over)

    def go_on(self) -> None:
        """What happens as time goes by; called again and again."""
        lapse, self._leaked_until = time.monotonic() - self._leaked_until, time.monotonic()
        if isinstance(self.fault, models.Leak):
            with suppress(MemoryError):  # that is what it is for
                self._hoard.add(self.fault.mib_per_second * min(lapse, LONGEST_LAPSE_SECONDS))

    def end(self) -> None:
        """Let go of everything: threads, memory, calls that hang."""
        self._over.set_result(None)
        self._hoard.release()

    async def strike(self, operation: str) -> None:
        """What a call suffers before it begins, if it is one of those that are struck."""
        fault = self.fault
        if not isinstance(fault, models.CallFault) or not self._hits(fault, operation):
            return
        self._struck.inc()
        match fault:
            case models.Latency():
                late = fault.milliseconds + self._random.uniform(-fault.jitter, fault.jitter)
                await asyncio.sleep(max(late, 0) / 1e3)
            case models.Errors(raises="unavailable"):
                raise Unavailable(f"The {fault.component} component has a planted fault.", component=fault.component)
            case models.Errors():
                raise PlantedBugError(f"planted in {fault.component}.{operation}")
            case models.Block():
                self._block(fault.milliseconds / 1e3)
            case models.Burn():
                self._burn(fault.milliseconds / 1e3)
            case models.Hang():
                await asyncio.shield(asyncio.wrap_future(self._over))  # one caller that gives up frees no other
            case models.Leak():
                self._hoard.add(fault.mib_per_call)
            case models.Crash():
                os.kill(os.getpid(), signal.SIGKILL)

    def _hits(self, fault: models.CallFault, operation: str) -> bool:
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
