"""One of the two shops of the room: its environment, its shoppers, and what is to be seen of it."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinshop.lab.control.kinds import Kind
from twinshop.lab.control.patch import BroughtOut, version
from twinshop.lab.control.probe import Health, Probe
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.watchdog import Limit, Watchdog
from twinshop.lab.load.api import LoadPlan, Phase, RunningLoad, start_load
from twinshop.lab.load.live import LiveReader

LOAD_SECONDS = 4 * 3600.0
"""Longer than any lesson."""
LOOK_SECONDS = 0.8
"""Between two looks; a page that does not come takes longer, and nothing waits for it."""
KEPT_FIGURES = 600
LATE_SECONDS = 3.0
"""Visits that end so long after a change still count for it."""
FIGURES_SECONDS = 10.0
"""How long to wait for the figures of visits."""


@dataclass(slots=True)
class Shop:
    """Its methods may be called from any thread; one change at a time, which the room sees to."""

    environment: Environment
    watchdog: Watchdog
    folder: Path
    _probe: Probe = field(init=False)
    _load: RunningLoad | None = None
    _live: LiveReader | None = None
    _page: dict[str, Any] = field(default_factory=lambda: {"status": 200, "ms": 0, "calls": [], "notices": []})
    _health: Mapping[str, Health] = field(default_factory=dict)
    _plan: LoadPlan | None = None
    _loads: int = 0
    _replicas: dict[str, int] = field(default_factory=dict)
    _figures: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_FIGURES))
    _patch: str = ""
    _limits: dict[tuple[str, str], float] = field(default_factory=dict)
    _telling: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._probe = Probe(self.environment)

    @property
    def url(self) -> str:
        return self.environment.url

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
            await asyncio.to_thread(self.keep_loading)
            await asyncio.sleep(LOOK_SECONDS)

    def load(self, rate: float, seed: int) -> None:
        """Shoppers at another rate; the arrivals of a seed are the same for every shop."""
        if self._load is not None:
            self._load.stop()
            self._load = None
        if rate:
            self._loads += 1
            folder = self.folder / f"load-{self._loads}"
            self._plan = LoadPlan(self.url, [Phase(LOAD_SECONDS, rate, rate)], seed=seed, live=True)
            self._load, self._live = start_load(self._plan, folder), LiveReader(folder)

    def keep_loading(self) -> None:
        """Start the load again if it has ended: it cannot begin while the shop is down."""
        if self._load is not None and self._plan is not None and not self._load.running():
            self.load(self._plan.phases[0].start, self._plan.seed)

    def look(self) -> dict[str, Any]:
        """What there is to see: the last page, the health of each process, and the load since the last call."""
        processes = [
            {
                "name": process.name,
                "components": process.components,
                "health": self._health.get(process.name, "ready"),
                "replicas": self._replicas.get(process.name, 1),
            }
            for process in self.environment.shape.processes
        ]
        figures = [] if self._live is None else list(self._live.new())
        self._figures += figures
        return {
            "page": self._page,
            "processes": processes,
            "load": figures,
            "patch": self._patch,
        }

    def why_not(self, kind: Kind, component: str) -> str | None:
        """Why a component cannot have a fault here."""
        return kind.why_not(self.environment, component)

    def plant(self, kind: Kind, component: str, seconds: float) -> Callable[[], None]:
        """Inject a fault, and return what reverts it. Raises LabError if it cannot be injected."""
        fault = (kind.fault.name, component)
        self._entrust(fault, time.time() + seconds)  # before the injection: the room may be killed at any moment
        try:
            heal = kind.plant(self.environment, component, seconds)
        except BaseException:
            self._entrust(fault, None)
            raise

        def healed() -> None:
            heal()
            self._entrust(fault, None)

        return healed

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
        new = version(self.environment, part)
        figures = self._figures_until(since, time.time() + LATE_SECONDS)
        told = str(BroughtOut(old, new, patched, figures))
        self._patch = f"Patch {component}: {told}"
        return told

    def _figures_until(self, since: float, end: float) -> list[dict[str, Any]]:
        """Those between two moments, once they are there; without a load there are none."""
        deadline = time.monotonic() + FIGURES_SECONDS
        while self._load is not None and time.monotonic() < deadline:
            if self._figures and self._figures[-1]["at"] >= end:
                break
            time.sleep(LOOK_SECONDS)
        return [each for each in list(self._figures) if since <= each["at"] <= end]
