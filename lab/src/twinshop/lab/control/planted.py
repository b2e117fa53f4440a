"""The faults injected at this moment, the same in both shops, each with a time limit."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from twinshop.lab.errors import LabError

LONGEST_SECONDS = 120


@dataclass(slots=True)
class ActiveFault:
    """
    One fault in both shops.

    Attributes:
        until: when it reverts by itself, by `time.time`.
        where: by shop, the result: empty if it was injected, else why not.
    """

    number: int
    component: str
    kind: str
    title: str
    until: float
    where: dict[str, str]
    heal: Callable[[], None]

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.number,
            "component": self.component,
            "kind": self.kind,
            "title": self.title,
            "until": self.until,
            "left": max(0.0, self.until - time.time()),
            "where": self.where,
        }


@dataclass(slots=True)
class Board:
    """All of them; `changed` is called after every change, `ended` with a fault that has been reverted."""

    changed: Callable[[str], None]
    ended: Callable[[ActiveFault], None] = lambda _: None
    faults: dict[int, ActiveFault] = field(default_factory=dict)
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    def next_number(self) -> int:
        return self._numbers()

    def add(self, planted: ActiveFault) -> None:
        self.faults[planted.number] = planted
        self._tasks[planted.number] = asyncio.create_task(self._limit(planted))
        self.changed(f"{planted.title}")

    async def _limit(self, planted: ActiveFault) -> None:
        await asyncio.sleep(max(0.0, planted.until - time.time()))
        await self._heal(planted)

    async def heal(self, number: int) -> bool:
        """Revert one now. False if no fault has that number."""
        planted = self.faults.get(number)
        if planted is None:
            return False
        self._tasks[number].cancel()
        await self._heal(planted)
        return True

    async def heal_all(self) -> None:
        for number in list(self.faults):
            await self.heal(number)

    async def _heal(self, planted: ActiveFault) -> None:
        try:
            await asyncio.to_thread(planted.heal)
        except LabError as error:  # it stays on the board, to be healed again
            self.changed(f"{planted.title} is not reverted: {error}")
            return
        self.faults.pop(planted.number, None)
        self._tasks.pop(planted.number, None)
        self.changed(f"Reverted: {planted.title}")
        self.ended(planted)
