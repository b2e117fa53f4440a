"""One trial: one split held at the rate that all arms get."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from math import isnan, nan
from pathlib import Path
from random import Random
from typing import Any

from twinshop.lab.environments.protocol import Environment, EnvironmentOptions, Runtime, Usage
from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.communication import calls
from twinshop.lab.experiments.communication.design import AGAIN, BASELINE, SHARE, Settings
from twinshop.lab.load.mixes import MIXES
from twinshop.lab.load.plan import JOURNEYS
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.measurement.invariant_checks import DETAIL, check
from twinshop.lab.measurement.splits import BY_NAME, Split
from twinshop.lab.measurement.steady_load import SteadyLoad, hold, ready_environment
from twinshop.lab.measurement.steady_load_result import MOST_STOLEN, SteadyLoadResult
from twinshop.lab.results.trial import Outcome
from twinshop.lab.shapes import parse
from twinshop.lab.statistics.lateness import LATE

WARM_RATE = 5.0
WARM_SECONDS = 6
MOST_BUSY = 0.75
"""Share of the shop's processors above which a rate is not `well below the capacity` any more."""
MOST_FAILED = 0.001
TRIES = 2
"""Loads of a trial; an invalid one is repeated."""
ONE_PROCESSOR = (
    "Costs at a fixed rate were not compared: this machine has one processor, which the load generator would share "
    "with the shop."
)


def split_of(arm: str) -> Split:
    return BY_NAME[BASELINE if arm == AGAIN else arm]


def affordable_rate(runtime: Runtime, mix: str, bench: Bench) -> float:
    """
    A rate that all splits carry easily.

    By the utilisation law `micro`, which pays the most for a session, can at most carry processors / CPU time of one.
    """
    with _ready(BY_NAME["micro"], runtime, bench, "calibration") as environment:
        settings = _hold(WARM_RATE, 1, WARM_SECONDS, mix, bench)
        held = hold(environment, settings, bench.folder / "calibration-load")
    if isnan(held.cpu_ms_per_session):
        raise Unsupported(f"No session succeeded at {WARM_RATE:g} sessions/s, so no rate could be chosen.")
    bound = 1e3 * len(bench.shop_cores) / held.cpu_ms_per_session
    return round(SHARE * bound, 1)


def run_split(arm: str, runtime: Runtime, mix: str, rate: float, settings: Settings, bench: Bench) -> Outcome:
    """Raises Unsupported."""
    loads: list[Path] = []
    with _ready(split_of(arm), runtime, bench, "site") as environment:
        idle = _idle(environment, settings.idle_seconds)
        while True:
            loads.append(bench.folder / f"load-{len(loads)}")
            before = calls.counted(environment)
            held = hold(environment, _hold(rate, settings.warm_seconds, settings.seconds, mix, bench), loads[-1])
            made = calls.between(before, calls.counted(environment), held.begun)
            usage, total = environment.usage(), environment.total()
            void = _void(held, len(bench.shop_cores))
            if void is None or len(loads) == TRIES:
                break
            bench.say(f"    once more: {void}")
        tries = len(loads)
        rates = _lower(environment, rate, mix, settings, bench, loads)
        promises = check(environment, loads)
        apps = tuple(process.name for process in environment.shape.processes)
    figures = _figures(held, usage, total, apps) | {
        "rate_sessions_per_s": rate,
        "idle_cpu_ms_per_s": idle,
        "busy_ratio": _busy(held, len(bench.shop_cores)),
        "processes": len(apps),
        "calls_per_session": sum(sum(each.values()) for each in made.values()),
        "remote_calls_per_session": sum(made["remote"].values()),
        "violations": len(promises.violations),
    }
    detail = {
        "components": [component for process in environment.shape.processes for component in process.components],
        "calls_per_session": {name: value for each in made.values() for name, value in each.items()},
        "held": held.as_json(),
        "tries": tries,
        "rates": rates,
        "apps": apps,
        "processors": len(bench.shop_cores),
        "memory_bytes": {part: used.memory_bytes for part, used in usage.items()},
        DETAIL: promises.as_json(),
    }
    return Outcome({name: value for name, value in figures.items() if not isnan(value)}, detail, void)


def _lower(
    environment: Environment, rate: float, mix: str, settings: Settings, bench: Bench, loads: list[Path]
) -> list[dict[str, Any]]:
    """Hold the shop at the lower rates, in an order that is the same for all arms of a block; one row for each."""
    rows = []
    for share in Random(bench.seed).sample(settings.lower, len(settings.lower)):  # noqa: S311 - no secret
        loads.append(bench.folder / f"load-{len(loads)}")
        load = _hold(share * rate, settings.warm_seconds, settings.lower_seconds, mix, bench)
        held = hold(environment, load, loads[-1])
        invalid = _void(held, len(bench.shop_cores))
        if invalid:
            bench.say(f"    {held.rate:.1f} sessions/s do not count: {invalid}")
        rows.append(held.as_json() | {"invalid": invalid})
    return rows


def _hold(rate: float, warm_seconds: int, seconds: int, mix: str, bench: Bench) -> SteadyLoad:
    return SteadyLoad(rate, warm_seconds, seconds, MIXES[mix], bench.seed, bench.load_cores, bench.shop_cores)


def _ready(split: Split, runtime: Runtime, bench: Bench, name: str) -> AbstractContextManager[Environment]:
    """With faults: without them the books of the shop cannot be read afterwards."""
    if set(bench.shop_cores) & set(bench.load_cores):
        raise Unsupported(ONE_PROCESSOR)
    return ready_environment(
        parse(split.shape), runtime, bench, EnvironmentOptions(cores=bench.shop_cores, faults=True), name
    )


def _idle(environment: Environment, seconds: float) -> float:
    """CPU time that everything uses when idle, in ms a second."""
    since, before = time.perf_counter(), environment.usage()
    time.sleep(seconds)
    elapsed, after = time.perf_counter() - since, environment.usage()
    used = sum(usage.cpu_seconds for usage in after.values()) - sum(usage.cpu_seconds for usage in before.values())
    return 1e3 * used / elapsed


def _figures(
    held: SteadyLoadResult, usage: Mapping[str, Usage], total: Usage, apps: tuple[str, ...]
) -> dict[str, float]:
    """Latencies, and what a good request and a good session cost."""
    good = held.requests * held.good_ratio or nan
    cpu, app_cpu = sum(held.cpu_seconds.values()), sum(held.cpu_seconds[name] for name in apps)
    figures: dict[str, float] = {
        **{f"p{q}_ms": value for q, value in held.latency_ms.items()},
        **{
            f"{journey}_p{q}_ms": held.journeys[journey][q]
            for journey in JOURNEYS
            if journey in held.journeys
            for q in ("50", "95", "99")
        },
        "cpu_ms_per_request": 1e3 * cpu / good,
        "app_cpu_ms_per_request": 1e3 * app_cpu / good,
        "app_cpu_ms_per_session": 1e3 * app_cpu / (held.good_sessions or nan),
        LATE: held.late_ms["95"],
        "requests": held.requests,
        "good_ratio": held.good_ratio,
        "memory_bytes": total.memory_bytes,
        "app_memory_bytes": sum(usage[name].memory_bytes for name in apps),
    }
    if held.sent_bytes:
        figures["sent_bytes_per_request"] = sum(held.sent_bytes.values()) / good
    if total.peak_memory_bytes is not None:
        figures["peak_memory_bytes"] = total.peak_memory_bytes
    return figures


def _busy(held: SteadyLoadResult, processors: int) -> float:
    return sum(held.cpu_seconds.values()) / held.seconds / processors


def _void(held: SteadyLoadResult, processors: int) -> str | None:
    if held.void:
        return held.void
    if held.stolen_ratio > MOST_STOLEN:
        return f"something else used {held.stolen_ratio:.0%} of the shop's processors"
    if held.dropped or not held.good_ratio >= 1 - MOST_FAILED:
        kinds = ", ".join(held.errors) or "dropped"
        return (
            f"{1 - held.good_ratio:.2%} of the sessions failed ({kinds}), which would make a cost per good "
            "request look better than it is"
        )
    if held.unsteady:
        return f"the latency was not stationary: {held.unsteady}"
    if _busy(held, processors) > MOST_BUSY:
        return f"the shop was {_busy(held, processors):.0%} busy: the rate is not well below its capacity"
    return None
