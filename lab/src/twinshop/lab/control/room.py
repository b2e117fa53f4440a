"""The room itself: two shops, the same load on both, the faults injected into them, and what can be seen of these."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from twinshop.lab.control.errors import RefusedError
from twinshop.lab.control.kinds import Kind
from twinshop.lab.control.planted import ActiveFault, Board
from twinshop.lab.control.schedule import Schedule
from twinshop.lab.control.shop import Shop
from twinshop.lab.environments.sources import change_line
from twinshop.lab.errors import LabError
from twinshop.lab.shapes import COMPONENTS

TICK_SECONDS = 1.0
KEPT_LINES = 200


@dataclass(slots=True)
class Room:
    """
    Use `running()` while it is open.

    Attributes:
        shops: by the name of their shape, `mono` first.
        kinds: the faults that can be injected, by name.
        rate: shoppers a second in each shop.
        sources: a copy of the sources; each patch is one more changed line in it.
    """

    shops: Mapping[str, Shop]
    kinds: Mapping[str, Kind]
    rate: float
    sources: Path
    board: Board = field(init=False)
    schedule: Schedule | None = None
    _log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    _lines: int = 0
    _closing: bool = False
    _ticked: asyncio.Condition = field(default_factory=asyncio.Condition)
    _now: dict[str, Any] | None = None
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.board = Board(self.note)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look at both shops every second. At the end every fault is reverted."""
        async with AsyncExitStack() as stack:
            for shop in self.shops.values():
                await stack.enter_async_context(shop.watching())
            await self.set_rate(self.rate)
            ticking = asyncio.create_task(self._tick())
            try:
                yield
            finally:
                ticking.cancel()
                await self.stop_schedule()
                await self.board.heal_all()

    def close(self) -> None:
        """The streams of ticks end with their next tick."""
        self._closing = True

    def note(self, text: str) -> None:
        """A line for the list of what happened."""
        self._lines += 1
        self._log.append({"at": time.time(), "text": text, "number": self._lines})

    def setup(self) -> dict[str, Any]:
        return {
            "components": COMPONENTS,
            "kinds": [{"name": name, "word": kind.word, "title": kind.title} for name, kind in self.kinds.items()],
            "cannot": self._cannot(),
            "rate": self.rate,
            "urls": {name: shop.url for name, shop in self.shops.items()},
        }

    def _cannot(self) -> dict[str, str]:
        """Why buttons lead nowhere, by `kind-component`: those that no shop can have."""
        found = {}
        for name, kind in self.kinds.items():
            for component in COMPONENTS:
                reasons = [shop.why_not(kind, component) for shop in self.shops.values()]
                if all(reasons):
                    found[f"{name}-{component}"] = str(reasons[0])
        return found

    async def ticks(self) -> AsyncIterator[dict[str, Any]]:
        """What there is to see, each second; the lines of the log each once."""
        seen = 0
        while not self._closing:
            async with self._ticked:
                await self._ticked.wait()
            assert self._now is not None
            lines = [line for line in self._log if line["number"] > seen]
            seen = self._lines
            yield {**self._now, "log": lines}

    async def _tick(self) -> None:
        due = time.monotonic()
        while True:
            due = max(due + TICK_SECONDS, time.monotonic())
            self._now = {
                "now": time.time(),
                "shops": {name: shop.look() for name, shop in self.shops.items()},
                "faults": [fault.as_json() for fault in self.board.faults.values()],
                "schedule": None if self.schedule is None else self.schedule.as_json(),
            }
            async with self._ticked:
                self._ticked.notify_all()
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def plant(self, kind: str, component: str, seconds: float) -> int:
        """
        The same fault in the same component of both shops.

        Raises:
            RefusedError: it cannot be injected into either. If only one supports it, the other says why.
        """
        fault = self._kind(kind)
        _known(component)
        title = f"{fault.word} {component}"
        if any((each.kind, each.component) == (kind, component) for each in self.board.faults.values()):
            raise RefusedError(f"`{title}` is injected already.")
        undo: list[Callable[[], None]] = []
        where: dict[str, str] = {}
        async with self._changing:
            for name, shop in self.shops.items():
                try:
                    undo.append(await asyncio.to_thread(shop.plant, fault, component, seconds))
                    where[name] = ""
                except LabError as error:
                    where[name] = str(error)
                    self.note(f"{title}, {name}: {error}")
        if not undo:
            raise RefusedError("\n".join(dict.fromkeys(where.values())))

        def heal() -> None:
            with ExitStack() as each_whatever_happens:
                for one in reversed(undo):
                    each_whatever_happens.callback(one)

        number = self.board.next_number()
        self.board.add(ActiveFault(number, component, kind, title, time.time() + seconds, where, heal))
        return number

    async def heal(self, number: int | None) -> None:
        """One fault, or all of them."""
        if number is None:
            await self.board.heal_all()
        elif not await self.board.heal(number):
            raise RefusedError("That fault was reverted already.")

    async def set_rate(self, rate: float) -> None:
        """The same arrivals, of the same seed, in both shops from now on."""
        self.rate = rate
        seed = int(time.time())
        await asyncio.gather(*(asyncio.to_thread(shop.load, rate, seed) for shop in self.shops.values()))
        self.note(f"Load: {rate:g} shoppers a second")

    async def scale(self, component: str, replicas: int) -> None:
        """Another number of the process that hosts a component, in both shops where that can be done."""
        _known(component)
        await self._change(f"{replicas} of {component}", lambda shop: shop.scale(component, replicas))

    async def patch(self, component: str) -> None:
        """Change one line of a component and bring it out in both shops."""
        _known(component)
        self._require_rest()
        change_line(self.sources, component, token_hex(4))
        await self._change(f"Patch {component}", lambda shop: shop.patch(component, self.sources))

    def _require_rest(self) -> None:
        if self._changing.locked():
            raise RefusedError("Another change is under way.")

    async def _change(self, title: str, change: Callable[[Shop], str | None]) -> None:
        self._require_rest()
        async with self._changing:
            refused = []
            for name, shop in self.shops.items():
                since = time.monotonic()
                try:
                    told = await asyncio.to_thread(change, shop)
                    self.note(f"{title}, {name}: {told or f'done in {time.monotonic() - since:.1f} s'}")
                except LabError as error:
                    refused.append(str(error))
                    self.note(f"{title}, {name}: {error}")
        if len(refused) == len(self.shops):
            raise RefusedError("\n".join(dict.fromkeys(refused)))

    def choices(self) -> list[tuple[str, str]]:
        """The faults, by kind and component, that can be injected into at least one of the shops."""
        cannot = self._cannot()
        return [(kind, each) for kind in self.kinds for each in COMPONENTS if f"{kind}-{each}" not in cannot]

    async def start_schedule(self, seed: int) -> None:
        """Random faults from now on, the same for the same seed on the same runtime."""
        await self.stop_schedule()
        self.schedule = Schedule(seed, self.choices(), self.plant)
        self.schedule.start()
        self.note(f"Random faults of seed {seed}")

    async def stop_schedule(self) -> None:
        if self.schedule is not None:
            await self.schedule.stop()
            self.schedule = None
            self.note("No more random faults")

    def _kind(self, name: str) -> Kind:
        if name not in self.kinds:
            raise RefusedError(f"unknown fault '{name}': choose from {', '.join(self.kinds)}")
        return self.kinds[name]


def _known(component: str) -> None:
    if component not in COMPONENTS:
        raise RefusedError(f"unknown component '{component}': choose from {', '.join(COMPONENTS)}")
