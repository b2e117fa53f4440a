"""One trial: the capacity of one arm with one budget under one mix."""

from collections.abc import Mapping
from math import isnan, nan
from statistics import median
from typing import Any

from twinshop.lab.deployment.site import Site
from twinshop.lab.experiments.api import Bench, SkippedError
from twinshop.lab.experiments.held import Held
from twinshop.lab.experiments.hold import ready_site
from twinshop.lab.experiments.mixes import MIXES
from twinshop.lab.experiments.scaling.objective import Objective, VoidError
from twinshop.lab.experiments.scaling.plan import GIB, GROWN, Case, Settings
from twinshop.lab.experiments.scaling.probing import Probes, search_of
from twinshop.lab.experiments.scaling.search import Found, find
from twinshop.lab.results.trial import Outcome

ONE_PROCESSOR = (
    "Capacity was not measured: this machine has one processor, and a load generator that takes it from the shop "
    "measures itself."
)
NO_QUOTA = "Budgets below one processor were not measured: they need quotas, which only Docker can set."


def run_case(case: Case, settings: Settings, objective: Objective, bench: Bench) -> Outcome:
    """Raises SkippedError."""
    if set(bench.shop_cores) & set(bench.load_cores):
        raise SkippedError(ONE_PROCESSOR)
    if case.runtime == "local" and not case.whole:
        raise SkippedError(NO_QUOTA)
    hot = _hottest(case, settings, objective, bench) if case.arm == GROWN else None
    cores = bench.shop_cores[: case.processors]
    options = case.options(cores, hot)
    with ready_site(case.shape, case.runtime, bench, options) as site:
        probes = Probes(site, settings, objective, MIXES[case.mix], cores, bench)
        warm = probes.warm_up()
        void = None
        found = Found()
        try:
            found = find(probes.met, search_of(warm, case.cpus, settings))
        except VoidError as error:
            void = f"the load generator could not do it: {error}"
        memory = _memory(site)
    detail = {
        "objective": str(objective),
        "status": found.status,
        "hot": hot,
        "warm": warm.as_json(),
        "probes": probes.rows,
        "memory_bytes": {part: used for part, (used, _) in memory.items()},
        "peak_memory_bytes": {part: peak for part, (_, peak) in memory.items()},
    }
    figures = _figures(case, found, probes, warm, memory)
    return Outcome(figures, detail, void or _no_capacity(found, objective))


def _hottest(case: Case, settings: Settings, objective: Objective, bench: Bench) -> str:
    """The process that uses most CPU time under this mix: an operator who grows one grows that one."""
    cores = bench.shop_cores[: case.processors]
    with ready_site(case.shape, case.runtime, bench, case.options(cores, None), "calibration") as site:
        warm = Probes(site, settings, objective, MIXES[case.mix], cores, bench).warm_up()
    return max((process.name for process in case.shape.processes), key=lambda name: warm.cpu_seconds.get(name, 0.0))


def _memory(site: Site) -> dict[str, tuple[int, int | None]]:
    """Of each part: bytes now, and the most so far where the runtime can tell."""
    return {part: (usage.memory_bytes, usage.peak_memory_bytes) for part, usage in site.usage().items()}


def _no_capacity(found: Found, objective: Objective) -> str | None:
    if found.status == "found":
        return None
    rates = [rate for rate, _, _ in found.tried]
    reasons = {
        "never met": f"the objective ({objective}) was not kept even at {min(rates, default=nan):.1f} sessions/s",
        "always met": f"the objective was kept up to the highest rate, {max(rates, default=nan):.0f} sessions/s",
        "not confirmed": f"no rate was confirmed within {len(rates)} probes",
    }
    return reasons[found.status]


def _figures(
    case: Case, found: Found, probes: Probes, warm: Held, memory: Mapping[str, tuple[int, int | None]]
) -> dict[str, float]:
    figures: dict[str, Any] = {
        "low_load_cpu_ms_per_session": warm.cpu_ms_per_session,
        "memory_bytes": sum(used for used, _ in memory.values()),
        "probes": len(probes.rows),
        "contradictions": found.contradictions,
    }
    peaks = [peak for _, peak in memory.values()]
    known = [peak for peak in peaks if peak is not None]
    if len(known) == len(peaks):
        figures["peak_memory_bytes"] = sum(known)
    if found.status != "found":
        return figures
    confirmed = probes.confirmed
    requests = median(held.requests / held.sessions for held in confirmed) * found.capacity
    memory_gib = figures.get("peak_memory_bytes", figures["memory_bytes"]) / GIB
    found_figures = {
        **figures,
        "capacity_sessions_per_s": found.capacity,
        "missed_at_sessions_per_s": found.failed,
        "capacity_requests_per_s": requests,
        "requests_per_s_per_processor": requests / case.cpus,
        "requests_per_s_per_gib": requests / memory_gib,
        "confirmed_requests": sum(held.requests for held in confirmed),
        "cpu_ms_per_session": median(held.cpu_ms_per_session for held in confirmed),
        "processors_used": median(sum(held.cpu_seconds.values()) / held.seconds for held in confirmed),
        "throttled_ratio": median(held.throttled_seconds / held.seconds for held in confirmed),
        "good_ratio": min(held.good_ratio for held in confirmed),
        **{f"p{q}_ms": median(held.latency_ms[q] for held in confirmed) for q in ("50", "95", "99")},
    }
    return {name: value for name, value in found_figures.items() if not isnan(value)}
