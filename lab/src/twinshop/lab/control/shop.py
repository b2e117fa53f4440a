"""One of the two shops of the room: its environment, its visitors, and what is to be seen of it."""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from twinshop.lab.control import calls
from twinshop.lab.control.calls import Calls
from twinshop.lab.control.kinds import Kind
from twinshop.lab.control.patch import BroughtOut, version
from twinshop.lab.control.probe import Probe
from twinshop.lab.control.visits import PATIENCE_SECONDS, Health, VisitLog, by_second, state_of
from twinshop.lab.environments.local.parts import NO_EDGE
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.watchdog import Limit, Watchdog
from twinshop.lab.load.api import LoadPlan, Phase, RunningLoad, start_load
from twinshop.lab.load.live import LiveReader
from twinshop.lab.shapes import Shape

LOAD_SECONDS = 4 * 3600.0
"""Longer than any lesson."""
LOOK_SECONDS = 0.8
"""Between two looks; a page that does not come takes longer, and nothing waits for it."""
SHOWN_SECONDS = 120
"""Of the past, on the page."""
CALLS_SECONDS = 3.0
"""Over which the health of components is taken from their calls."""
DECIDED_SECONDS = 15.0
"""How long to wait until the fate of the visits during a change is known."""


@dataclass(slots=True)
class Shop:
    """Its methods may be called from any thread; one change at a time, which the room sees to."""

    environment: Environment
    watchdog: Watchdog
    folder: Path
    _probe: Probe = field(init=False)
    _load: RunningLoad | None = None
    _live: LiveReader | None = None
    visits: VisitLog = field(default_factory=VisitLog)
    _page: dict[str, Any] = field(default_factory=lambda: {"status": 200, "ms": 0, "calls": []})
    _health: Mapping[str, Health] = field(default_factory=dict)
    _calls: deque[tuple[float, Mapping[str, Calls]]] = field(default_factory=lambda: deque(maxlen=20))
    _plan: LoadPlan | None = None
    _loads: int = 0
    _replicas: dict[str, int] = field(default_factory=dict)
    _patch: str = ""
    _limits: dict[tuple[str, str], float] = field(default_factory=dict)
    _telling: threading.Lock = field(default_factory=threading.Lock)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._probe = Probe(self.environment)

    @property
    def url(self) -> str:
        return self.environment.url

    @property
    def shape(self) -> Shape:
        return self.environment.shape

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        async with self._probe:
            looking = [asyncio.create_task(look()) for look in (self._look_at_page, self._look_at_health)]
            try:
                yield
            finally:
                for task in looking:
                    task.cancel()
                if self._load is not None:
                    self._load.stop()

    async def _look_at_page(self) -> None:
        while True:
            self._page = await self._probe.page()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_at_health(self) -> None:
        while True:
            self._health = await self._probe.health()
            told = await self._probe.calls()
            if told is None:
                self._calls.clear()  # a call that lasted while its process stood still says nothing of the component
            else:
                self._calls.append((time.monotonic(), told))
            await asyncio.to_thread(self.keep_loading)
            await asyncio.sleep(LOOK_SECONDS)

    def load(self, rate: float, seed: int) -> None:
        """Shoppers at another rate; the arrivals of a seed are the same for every shop."""
        if self._load is not None:
            self._load.stop()
            self._load = None
        self._take()
        with self._reading:
            self.visits.next_load()
            self._live = None
        if rate:
            self._loads += 1
            folder = self.folder / f"load-{self._loads}"
            self._plan = LoadPlan(
                self.url, [Phase(LOAD_SECONDS, rate, rate)], seed=seed, live=True, timeout_seconds=PATIENCE_SECONDS
            )
            self._load, self._live = start_load(self._plan, folder), LiveReader(folder)

    def keep_loading(self) -> None:
        """Start the load again if it has ended: it cannot begin while the shop is down."""
        if self._load is not None and self._plan is not None and not self._load.running():
            self.load(self._plan.phases[0].start, self._plan.seed)

    async def order(self) -> dict[str, Any]:
        """Buy something; return the result and its calls, each with the process that answered it."""
        placed = await self._probe.order()
        hosts = {name: process.name for process in self.shape.processes for name in process.components}
        calls = [{**asdict(call), "process": hosts[call.component]} for call in placed.calls if call.component in hosts]
        return {**asdict(placed), "processes": [process.name for process in self.shape.processes], "calls": calls}

    def look(self) -> dict[str, Any]:
        """What there is to see: the last page, the health of each component, the visits of the last two minutes."""
        self._take()
        health = self.health()
        processes = [
            {
                "name": process.name,
                "components": [{"name": name, "health": health[name]} for name in process.components],
                "replicas": self._replicas.get(process.name, 1),
            }
            for process in self.environment.shape.processes
        ]
        now = self.visits.now or time.time()
        visits = self.visits.between(now - SHOWN_SECONDS, math.inf)
        page_ms = None if self._page["status"] == 0 or self._probe.pending() else self._page["ms"]
        return {
            "page": self._page,
            "processes": processes,
            "seconds": [asdict(second) for second in by_second(visits, now - SHOWN_SECONDS, now)],
            "state": asdict(state_of(visits, now, health, page_ms)),
            "patch": self._patch,
        }

    def _take(self) -> None:
        with self._reading:
            for line in () if self._live is None else self._live.new():
                self.visits.take(line)

    def health(self) -> dict[str, Health]:
        """Of each component: that of its process, or, where that is ready, as the storefront's calls to it go."""
        called: Mapping[str, Health] = {}
        if self._calls:
            now, after = self._calls[-1]
            before = next((told for at, told in self._calls if at >= now - CALLS_SECONDS), after)
            called = calls.health(before, after)
        found: dict[str, Health] = {}
        for process in self.environment.shape.processes:
            own = self._health.get(process.name, "ready")
            for name in process.components:
                found[name] = called.get(name, own) if own == "ready" else own
        return found

    def why_not_scale(self) -> str | None:
        """Why no process of this shop can have replicas."""
        return NO_EDGE if self.environment.runtime == "local" else None

    def why_not(self, kind: Kind, component: str) -> str | None:
        """Why a component cannot have a fault here."""
        return kind.why_not(self.environment, component)

    def plant(self, kind: Kind, component: str, seconds: float) -> Callable[[], None]:
        """Inject a fault, and return what reverts it. Raises LabError if it cannot be injected."""
        fault = (kind.fault.name, component)
        self._entrust(fault, time.time() + seconds)  # before the injection: the room may be killed at any moment
        try:
            revert = kind.plant(self.environment, component, seconds)
        except BaseException:
            self._entrust(fault, None)
            raise

        def reverted() -> None:
            revert()
            self._entrust(fault, None)

        return reverted

    def _entrust(self, fault: tuple[str, str], until: float | None) -> None:
        """Until when a fault is injected, None if it is not. The watchdog reverts it in time if the room is killed."""
        with self._telling:
            if until is None:
                self._limits.pop(fault, None)
            else:
                self._limits[fault] = until
            self._tell()

    def _tell(self) -> None:
        self.watchdog.entrust(
            [Limit(*fault, until) for fault, until in self._limits.items()], self.environment.remains()
        )

    def scale(self, component: str, replicas: int) -> None:
        part = self.environment.hosts(component)
        self.environment.scale(part, replicas)
        self._replicas[part] = replicas

    def patch(self, component: str, sources: Path) -> str:
        """Deploy changed code of a component, and return the result when the visits at that time have ended."""
        part, since = self.environment.hosts(component), time.time()
        old = version(self.environment, part)
        patched = self.environment.patch(component, sources)
        with self._telling:
            self._tell()  # what runs now is another process
        end = time.time()
        new = version(self.environment, part)
        self._wait_decided(end)
        told = str(BroughtOut(old, new, patched, self.visits.between(since, end), self.visits.now))
        self._patch = f"Patch {component}: {told}"
        return told

    def _wait_decided(self, end: float) -> None:
        """Until the fate of all visits before `end` is known; without a load there are none."""
        deadline = time.monotonic() + DECIDED_SECONDS
        while self._load is not None and self.visits.now < end + PATIENCE_SECONDS and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
