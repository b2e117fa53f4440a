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
    revert: Callable[[], None]

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

    def add(self, fault: ActiveFault) -> None:
        self.faults[fault.number] = fault
        self._tasks[fault.number] = asyncio.create_task(self._limit(fault))
        self.changed(f"{fault.title}")

    async def _limit(self, fault: ActiveFault) -> None:
        await asyncio.sleep(max(0.0, fault.until - time.time()))
        await self._revert(fault)

    async def revert(self, number: int) -> bool:
        """Revert one now. False if no fault has that number."""
        fault = self.faults.get(number)
        if fault is None:
            return False
        self._tasks[number].cancel()
        await self._revert(fault)
        return True

    async def revert_all(self) -> None:
        for number in list(self.faults):
            await self.revert(number)

    async def _revert(self, fault: ActiveFault) -> None:
        try:
            await asyncio.to_thread(fault.revert)
        except LabError as error:  # it stays on the board, to be reverted again
            self.changed(f"{fault.title} is not reverted: {error}")
            return
        self.faults.pop(fault.number, None)
        self._tasks.pop(fault.number, None)
        self.changed(f"Reverted: {fault.title}")
        self.ended(fault)
