"""One of the two shops of the room: its site, its shoppers, and what is to be seen of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinshop.lab.control.kinds import Kind
from twinshop.lab.control.probe import Health, Probe
from twinshop.lab.deployment.site import Site
from twinshop.lab.load.api import LoadPlan, Phase, RunningLoad, start_load
from twinshop.lab.load.live import LiveReader

LOAD_SECONDS = 4 * 3600.0
"""Longer than any lesson."""
LOOK_SECONDS = 0.8
"""Between two looks; a page that does not come takes longer, and nothing waits for it."""


@dataclass(slots=True)
class Shop:
    """Its methods may be called from any thread; one change at a time, which the room sees to."""

    site: Site
    folder: Path
    _probe: Probe = field(init=False)
    _load: RunningLoad | None = None
    _live: LiveReader | None = None
    _page: dict[str, Any] = field(default_factory=lambda: {"status": 200, "ms": 0, "calls": [], "notices": []})
    _health: Mapping[str, Health] = field(default_factory=dict)
    _plan: LoadPlan | None = None
    _loads: int = 0
    _replicas: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._probe = Probe(self.site)

    @property
    def url(self) -> str:
        return self.site.url

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
            for process in self.site.shape.processes
        ]
        return {
            "page": self._page,
            "processes": processes,
            "load": [] if self._live is None else list(self._live.new()),
        }

    def why_not(self, kind: Kind, component: str) -> str | None:
        """Why a component cannot have a fault here."""
        return kind.why_not(self.site, component)

    def plant(self, kind: Kind, component: str, seconds: float) -> Callable[[], None]:
        """Plant a fault; what heals it is returned. Raises DeploymentError where it cannot be planted."""
        return kind.plant(self.site, component, seconds)

    def scale(self, component: str, replicas: int) -> None:
        part = self.site.hosts(component)
        self.site.scale(part, replicas)
        self._replicas[part] = replicas

    def restart(self, component: str) -> None:
        self.site.restart(self.site.hosts(component))
