"""Random faults, one after the other, the same for the same seed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from twinshop.lab.control.errors import RefusedError

PAUSE_SECONDS = (4.0, 12.0)
HOLD_SECONDS = (6.0, 15.0)

Plant = Callable[[str, str, float], Awaitable[object]]
Choice = tuple[str, str]
"""A kind of fault and a component that can have it."""


def steps(seed: int, choices: Sequence[Choice], number: int) -> list[tuple[float, str, str, float]]:
    """The first faults of a schedule: pause before it, kind, component, how long it is held; seconds."""
    random_ = random.Random(seed)  # noqa: S311 - must be repeatable
    return [_step(random_, choices) for _ in range(number)]


def _step(random_: random.Random, choices: Sequence[Choice]) -> tuple[float, str, str, float]:
    pause, hold = random_.uniform(*PAUSE_SECONDS), random_.uniform(*HOLD_SECONDS)
    return round(pause, 1), *random_.choice(choices), round(hold, 1)


class Schedule:
    """Inject faults until it is stopped. A fault that cannot be injected (it is active already) is skipped."""

    def __init__(self, seed: int, choices: Sequence[Choice], plant: Plant) -> None:
        self.seed = seed
        self._choices = choices
        self._plant = plant
        self._task: asyncio.Task[None] | None = None

    def as_json(self) -> dict[str, Any]:
        return {"seed": self.seed}

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()  # it had ended before, by an error

    async def _run(self) -> None:
        random_ = random.Random(self.seed)  # noqa: S311 - see above
        while True:
            pause, kind, component, hold = _step(random_, self._choices)
            await asyncio.sleep(pause)
            with suppress(RefusedError):
                await self._plant(kind, component, hold)
            await asyncio.sleep(hold)
