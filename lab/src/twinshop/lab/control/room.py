"""The room itself: two shops, the same load on both, the faults injected into them, and what can be seen of these."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from twinshop.lab.control.board import ActiveFault, Board
from twinshop.lab.control.errors import RefusedError
from twinshop.lab.control.kinds import Kind
from twinshop.lab.control.runs import BEFORE_SECONDS, EFFECTS, Effect, Run, measured, result
from twinshop.lab.control.schedule import Schedule
from twinshop.lab.control.shop import SHOWN_SECONDS, Shop
from twinshop.lab.control.visits import PATIENCE_SECONDS, Second, by_second
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
        rate: visitors a second in each shop.
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
    _events: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    runs: deque[Run] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    _result: dict[str, Any] | None = None
    _closing: bool = False
    _ticked: asyncio.Condition = field(default_factory=asyncio.Condition)
    _now: dict[str, Any] | None = None
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.board = Board(self.note, self._ended)

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
                await self.board.revert_all()

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
            "kinds": [
                {"name": name, "word": kind.word, "key": kind.key, "title": kind.title}
                for name, kind in self.kinds.items()
            ],
            "cannot": self._cannot(),
            "partly": self._partly(),
            "cannot_scale": self._cannot_scale(),
            "effects": EFFECTS,
            "patience": PATIENCE_SECONDS,
            "rate": self.rate,
            "urls": {name: shop.url for name, shop in self.shops.items()},
        }

    def _cannot(self) -> dict[str, str]:
        """Why buttons lead nowhere, by `kind-component`: those that no shop can have."""
        return {name: next(iter(why.values())) for name, why in self._reasons() if len(why) == len(self.shops)}

    def _partly(self) -> dict[str, str]:
        """The same for those that only one shop can have."""
        return {
            name: "; ".join(f"Not in {shop}: {reason}" for shop, reason in why.items())
            for name, why in self._reasons()
            if 0 < len(why) < len(self.shops)
        }

    def _reasons(self) -> Iterator[tuple[str, dict[str, str]]]:
        """For each button the shops that cannot have the fault, and why."""
        for name, kind in self.kinds.items():
            for component in COMPONENTS:
                why = {shop: each.why_not(kind, component) for shop, each in self.shops.items()}
                yield f"{name}-{component}", {shop: reason for shop, reason in why.items() if reason}

    def _cannot_scale(self) -> str | None:
        reasons = [shop.why_not_scale() for shop in self.shops.values()]
        return reasons[0] if all(reasons) else None

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
            self._reveal(time.time())
            self._now = {
                "now": time.time(),
                "events": self._shown_events(time.time() - SHOWN_SECONDS),
                "result": self._result,
                "run": self.runs[-1].title if self.runs else None,
                "shops": {name: shop.look() for name, shop in self.shops.items()},
                "faults": [fault.as_json() for fault in self.board.faults.values()],
                "schedule": None if self.schedule is None else self.schedule.as_json(),
            }
            async with self._ticked:
                self._ticked.notify_all()
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def plant(
        self, kind: str, component: str, seconds: float, predictions: Mapping[str, Effect] | None = None
    ) -> int:
        """
        The same fault in the same component of both shops; `predictions` are what the class expects, by shop.

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
        since = time.time()
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

        def revert() -> None:
            with ExitStack() as each_whatever_happens:
                for one in reversed(undo):
                    each_whatever_happens.callback(one)

        self._begin(Run(title, component, fault.fault.layer, since, predictions or {}))
        number = self.board.next_number()
        self.board.add(ActiveFault(number, component, kind, title, time.time() + seconds, where, revert))
        return number

    def _begin(self, run: Run) -> None:
        self._result = None
        active = [each for each in self.runs if each.until is None]
        for each in active:
            each.alone = False
        run.alone = not active
        self.runs.append(run)
        self._mark(run.title, run.since, None)

    def _ended(self, fault: ActiveFault) -> None:
        now = time.time()
        for run in self.runs:
            if run.title == fault.title and run.until is None:
                run.until = now
        for event in self._events:
            if event["text"] == fault.title and event["until"] is None:
                event["until"] = now

    def _mark(self, text: str, at: float, until: float | None) -> None:
        """An event on the curves; `until` is None while it lasts, and `at` where it was a moment."""
        self._events.append({"text": text, "at": at, "until": until})

    def _shown_events(self, since: float) -> list[dict[str, Any]]:
        return [dict(event) for event in self._events if event["until"] is None or event["until"] > since]

    def _reveal(self, now: float) -> None:
        """The result of the last run, once the fate of its visits is known."""
        if self._result is not None or not self.runs or not self.runs[-1].due(now):
            return
        run = self.runs[-1]
        assert run.until is not None
        results = {
            name: measured(
                run.component,
                shop.visits.between(run.since, run.until),
                shop.visits.between(run.since - BEFORE_SECONDS, run.since),
                run.until,
            )
            for name, shop in self.shops.items()
        }
        shapes = {name: shop.shape for name, shop in self.shops.items()}
        self._result = result(run, shapes, results)
        self.note(self._result["text"])

    def last_run(self) -> tuple[Run, Mapping[str, Sequence[Second]], str]:
        """The last fault with the visits from shortly before it until shortly after it. Raises RefusedError."""
        if not self.runs:
            raise RefusedError("There is no run yet: inject a fault first.")
        run = self.runs[-1]
        since, now = run.since - BEFORE_SECONDS, time.time()
        end = now if run.until is None else min(now, run.until + BEFORE_SECONDS)
        seconds = {name: by_second(shop.visits.between(since, end), since, end) for name, shop in self.shops.items()}
        return run, seconds, run.title if self._result is None else self._result["text"]

    async def revert(self, number: int | None) -> None:
        """One fault, or all of them."""
        if number is None:
            await self.board.revert_all()
        elif not await self.board.revert(number):
            raise RefusedError("That fault has been reverted already.")

    async def order(self) -> dict[str, dict[str, Any]]:
        """Buy the same in each shop, one after the other: on the same processors one would slow the other down."""
        placed = {name: await shop.order() for name, shop in self.shops.items()}
        for name, order in placed.items():
            self.note(f"My order, {name}: {order['text']}, {order['milliseconds']:.0f} ms")
        return placed

    async def set_rate(self, rate: float) -> None:
        """The same arrivals, of the same seed, in both shops from now on."""
        self.rate = rate
        seed = int(time.time())
        await asyncio.gather(*(asyncio.to_thread(shop.load, rate, seed) for shop in self.shops.values()))
        self.note(f"Load: {rate:g} visitors a second")
        self._mark(f"{rate:g}/s", now := time.time(), now)

    async def scale(self, component: str, replicas: int) -> None:
        """Another number of the process that hosts a component, in both shops where that can be done."""
        _known(component)
        await self._change(f"Scale {component} to {replicas}", lambda shop: shop.scale(component, replicas))

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
                    self._mark(f"{title}, {name}", now := time.time(), now)
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
