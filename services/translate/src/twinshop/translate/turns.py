"""Turns of callers at what does one thing at a time: a pipeline, or the thread of the models."""

import asyncio

MAX_WAITING = 32
"""Callers in the queue; the next one is refused at once."""


class Turns:
    """Who has a turn must end it, from whichever task."""

    def __init__(self) -> None:
        self.waiting = 0
        self._turn = asyncio.Lock()

    async def take(self, deadline: float) -> None:
        """Wait for a turn until `deadline` by the event loop's clock. Raises TimeoutError, at once if many wait."""
        if self.waiting >= MAX_WAITING:
            raise TimeoutError
        self.waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await self._turn.acquire()
        finally:
            self.waiting -= 1

    def end(self) -> None:
        self._turn.release()
