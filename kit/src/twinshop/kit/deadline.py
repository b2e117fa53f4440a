"""
`asyncio.timeout` for limits that are hardly ever reached: all those of an event loop share one timer.

To set a timer and cancel it costs as much as to write to a socket, because uvloop closes its handle in a turn of its
own. Here a limit that is kept leaves the timer alone, which looks at the limits when the first of them is due.
"""

import asyncio
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import Self

CLOCK_SECONDS = 0.001
"""Resolution of an event loop's clock."""
_numbers = count()


class Deadline:
    """
    An async context manager for the task that enters it, once.

    It cancels what is done inside at the moment `when`, in the time of the loop, and turns that into a TimeoutError.
    """

    def __init__(self, when: float) -> None:
        self.when = when
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._expired = False

    async def __aenter__(self) -> Self:
        task = self._task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is used inside a task")
        self._cancelling = task.cancelling()
        _clock_of(asyncio.get_running_loop()).watch(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        # A task that was cancelled by others, too, stays cancelled.
        if (
            self._expired
            and task is not None
            and task.uncancel() <= self._cancelling
            and kind is asyncio.CancelledError
        ):
            raise TimeoutError from error

    @property
    def is_over(self) -> bool:
        """Whether what was done inside has ended."""
        return self._task is None

    def expire(self) -> None:
        if self._task is not None:
            self._expired = True
            self._task.cancel()


def within(seconds: float) -> Deadline:
    """Like `asyncio.timeout`."""
    return Deadline(asyncio.get_running_loop().time() + seconds)


class _Clock:
    """The deadlines of one event loop, the first on top."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._deadlines: list[tuple[float, int, Deadline]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def watch(self, deadline: Deadline) -> None:
        heappush(self._deadlines, (deadline.when, next(_numbers), deadline))
        if self._timer is None or deadline.when < self._due:
            self._set(deadline.when)

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = self.loop.call_at(due, self._look), due

    def _look(self) -> None:
        self._timer = None
        now = self.loop.time() + CLOCK_SECONDS
        while self._deadlines and (self._deadlines[0][2].is_over or self._deadlines[0][0] <= now):
            heappop(self._deadlines)[2].expire()
        if self._deadlines:
            self._set(self._deadlines[0][0])


_clock: _Clock | None = None
"""Of the event loop that was last asked for: a process has one. That of another loop lives on in its timer."""


def _clock_of(loop: asyncio.AbstractEventLoop) -> _Clock:
    global _clock  # noqa: PLW0603 - see above
    clock = _clock
    if clock is None or clock.loop is not loop:
        clock = _clock = _Clock(loop)
    return clock
