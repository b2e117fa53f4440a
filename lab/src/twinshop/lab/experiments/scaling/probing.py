"""An environment probed at one rate after the other: the measuring half of a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.experiments.scaling.design import Settings, probe_seconds
from twinshop.lab.experiments.scaling.objective import InvalidTrial, Objective
from twinshop.lab.experiments.scaling.search import Kind, Search
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.measurement.steady_load import SteadyLoad, hold
from twinshop.lab.measurement.steady_load_result import SteadyLoadResult

VOID_TRIES = 3
PROBE_WARM_SECONDS = 1
"""Before a probe counts."""
WARM_RATE = 5.0
WARM_SECONDS = 5
"""Of a light load before anything else: it fills the pools and caches, and tells what a session costs."""
LOWEST, HIGHEST = 0.5, 1000.0
"""Rates that are tried, in sessions a second."""
START = 0.9
"""Of the rate at which the budget would be used up; queueing takes the rest."""


@dataclass(slots=True)
class Probes:
    """The probes of one environment. `rows` has one row for each, as JSON, in the order in which they were made."""

    environment: Environment
    settings: Settings
    objective: Objective
    mix: Mapping[str, float]
    cores: tuple[int, ...]
    bench: Bench
    rows: list[dict[str, Any]] = field(default_factory=list)
    loads: list[Path] = field(default_factory=list)
    confirmed: list[SteadyLoadResult] = field(default_factory=list)
    """Those that passed at the rate that was confirmed last."""

    def warm_up(self) -> SteadyLoadResult:
        return self._hold(WARM_RATE, 1, WARM_SECONDS)

    def met(self, rate: float, kind: Kind) -> bool:
        """
        Whether the objective is kept at a rate.

        Raises:
            InvalidTrial: the load generator invalidated it every time.
        """
        seconds = probe_seconds(kind, rate, self.settings)
        for tries_left in reversed(range(VOID_TRIES)):
            held = self._hold(rate, PROBE_WARM_SECONDS, seconds)
            try:
                missed = self.objective.missed(held)
            except InvalidTrial as void:
                self._note(held, kind, f"void: {void}", passed=None)
                if not tries_left:
                    raise InvalidTrial(f"at {rate:.1f} sessions/s {void}, {VOID_TRIES} times") from void
                continue
            self._note(held, kind, missed, passed=missed is None)
            if kind == "confirm":
                self.confirmed = [each for each in self.confirmed if each.rate == rate]
                self.confirmed += [held] if missed is None else []
            return missed is None
        raise AssertionError

    def climb(self, capacity: float, shares: Sequence[float]) -> list[dict[str, Any]]:
        """Load the shop at shares of its capacity, in random order; one row for each, as JSON, lowest first."""
        order = Random(self.bench.seed).sample(shares, len(shares))  # noqa: S311 - no secret
        held = [self._hold(share * capacity, PROBE_WARM_SECONDS, self.settings.rung_seconds) for share in order]
        for each in held:
            self.bench.say(f"    {each.rate:6.1f} sessions/s: p99 was {each.latency_ms['99']:.0f} ms")
        return [each.as_json() | {"unsteady": each.unsteady} for each in sorted(held, key=lambda each: each.rate)]

    def _hold(self, rate: float, warm_seconds: int, seconds: int) -> SteadyLoadResult:
        number = len(self.loads)
        self.loads.append(self.bench.folder / f"{self.environment.folder.name}-load-{number:02}")
        settings = SteadyLoad(
            rate,
            warm_seconds,
            seconds,
            self.mix,
            self.bench.seed + number,
            self.bench.load_cores,
            self.cores,
        )
        return hold(self.environment, settings, self.loads[-1])

    def _note(self, held: SteadyLoadResult, kind: Kind, missed: str | None, *, passed: bool | None) -> None:
        said = "kept" if missed is None else missed
        self.bench.say(f"    {held.rate:6.1f} sessions/s: {said}")
        row = held.as_json()
        self.rows.append({"kind": kind, "passed": passed, "missed": missed, "unsteady": held.unsteady, **row})


def search_of(warm: SteadyLoadResult, cpus: float, settings: Settings) -> Search:
    """Where to begin: by the utilisation law a budget of `cpus` carries at most cpus / (CPU time of a session)."""
    bound = 1e3 * cpus / warm.cpu_ms_per_session
    start = LOWEST if isnan(bound) else START * bound
    return Search(
        start,
        LOWEST,
        HIGHEST,
        factor=1 + 3 * settings.tolerance,
        tolerance=settings.tolerance,
        confirmations=settings.confirmations,
        most_probes=settings.most_probes,
    )
