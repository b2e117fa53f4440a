"""One trial: the capacity of one arm with one budget under one mix."""

from dataclasses import asdict, replace
from math import isnan, nan
from statistics import median

from twinshop.lab.environments.protocol import EnvironmentOptions, Usage
from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.scaling.case import GIB, GROWN, Case
from twinshop.lab.experiments.scaling.design import Settings, rungs
from twinshop.lab.experiments.scaling.objective import InvalidTrial, Objective
from twinshop.lab.experiments.scaling.probing import Probes, search_of
from twinshop.lab.experiments.scaling.search import Found, find
from twinshop.lab.load.mixes import MIXES
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.measurement.invariant_checks import DETAIL, check
from twinshop.lab.measurement.steady_load import ready_environment
from twinshop.lab.measurement.steady_load_result import SteadyLoadResult
from twinshop.lab.results.trial import Outcome

ONE_PROCESSOR = (
    "Capacity was not measured: this machine has one processor, and a load generator that takes it from the shop "
    "measures itself."
)
NO_QUOTA = "Quotas of processors were not measured: only Docker can set them."


def run_case(case: Case, settings: Settings, objective: Objective, bench: Bench) -> Outcome:
    """Raises Unsupported."""
    if set(bench.shop_cores) & set(bench.load_cores):
        raise Unsupported(ONE_PROCESSOR)
    if case.runtime == "local" and not case.pinned:
        raise Unsupported(NO_QUOTA)
    cores = bench.shop_cores[: case.processors]
    options = case.options(cores)
    try:
        return _run(case, options, settings, objective, bench)
    except Unsupported:
        if options.memory_bytes is None or not case.pinned:
            raise
        bench.say("    without a budget of memory, which this engine cannot set")
        return _run(case, replace(options, memory_bytes=None), settings, objective, bench)


def _run(case: Case, options: EnvironmentOptions, settings: Settings, objective: Objective, bench: Bench) -> Outcome:
    mix = MIXES[case.mix]
    hot = None
    if case.arm == GROWN:
        with ready_environment(case.shape, case.runtime, bench, options, "calibration") as environment:
            hot = busiest(case, Probes(environment, settings, objective, mix, options.cores or (), bench).warm_up())
        options = replace(options, workers=case.workers(hot))
    with ready_environment(case.shape, case.runtime, bench, options) as environment:
        probes = Probes(environment, settings, objective, mix, options.cores or (), bench)
        warm = probes.warm_up()
        found, void = Found(), None
        try:
            found = find(probes.met, search_of(warm, case.cpus, settings))
        except InvalidTrial as error:
            void = str(error)
        ladder = probes.climb(found.capacity, rungs(case, settings)) if found.status == "found" else []
        usage, total = environment.usage(), environment.total()
        promises = check(environment, probes.loads)
    detail = {
        "objective": asdict(objective),
        "options": {"cores": options.cores, "cpus": options.cpus, "memory_bytes": options.memory_bytes},
        "workers": dict(options.workers),
        "status": found.status,
        "hot": hot,
        "warm": warm.as_json(),
        "probes": probes.rows,
        "ladder": ladder,
        "memory_bytes": {part: used.memory_bytes for part, used in usage.items()},
        DETAIL: promises.as_json(),
    }
    figures = _figures(case, found, probes, warm, total) | {"violations": len(promises.violations)}
    return Outcome(figures, detail, void or _no_capacity(found, objective))


def busiest(case: Case, warm: SteadyLoadResult) -> str:
    """The process that used most CPU time: an operator who grows one grows that one."""
    return max((process.name for process in case.shape.processes), key=lambda name: warm.cpu_seconds.get(name, 0.0))


def _no_capacity(found: Found, objective: Objective) -> str | None:
    if found.status == "found":
        return None
    rates = [rate for rate, _, _ in found.tried]
    reasons = {
        "never met": f"the objective ({objective}) was not met even at {min(rates, default=nan):.1f} sessions/s",
        "always met": f"the objective was met up to the highest rate, {max(rates, default=nan):.0f} sessions/s",
        "not confirmed": f"no rate was confirmed within {len(rates)} probes",
    }
    return reasons[found.status]


def _figures(case: Case, found: Found, probes: Probes, warm: SteadyLoadResult, total: Usage) -> dict[str, float]:
    figures: dict[str, float] = {
        "low_load_cpu_ms_per_session": warm.cpu_ms_per_session,
        "memory_bytes": total.memory_bytes,
        "probes": len(probes.rows),
        "contradictions": found.contradictions,
    }
    if total.peak_memory_bytes is not None:
        figures["peak_memory_bytes"] = total.peak_memory_bytes
    if found.status != "found":
        return figures
    confirmed = probes.confirmed
    requests = median(held.requests / held.sessions for held in confirmed) * found.capacity
    found_figures = {
        **figures,
        "capacity_sessions_per_s": found.capacity,
        "missed_at_sessions_per_s": found.failed,
        "capacity_requests_per_s": requests,
        "requests_per_s_per_processor": requests / case.cpus,
        "requests_per_s_per_gib": requests * GIB / total.memory_bytes,
        "confirmed_requests": sum(held.requests for held in confirmed),
        "cpu_ms_per_session": median(held.cpu_ms_per_session for held in confirmed),
        "processors_used": median(sum(held.cpu_seconds.values()) / held.seconds for held in confirmed),
        "throttled_ratio": median(held.throttled_seconds / held.seconds for held in confirmed),
        "good_ratio": min(held.good_ratio for held in confirmed),
        **{f"p{q}_ms": median(held.latency_ms[q] for held in confirmed) for q in ("50", "95", "99")},
    }
    return {name: value for name, value in found_figures.items() if not isnan(value)}
