"""Trials of `scaling` as a queue whose truth is known would have left them."""

from heapq import heappop, heappush

import numpy as np
import pytest

from twinshop.lab.results.run import new_run
from twinshop.lab.results.trial import Outcome, Spec, Trial

SERVICE = 0.010
"""Mean service time of a request, in seconds; of it 8 ms in the process, the rest in the store."""
SECONDS = 400.0
MIB = 1 << 20


def responses(rate, servers, seconds, random):
    """Response times in seconds of an M/M/k queue, simulated customer by customer."""
    arrivals = np.cumsum(random.exponential(1 / rate, int(rate * seconds)))
    services = random.exponential(SERVICE, len(arrivals))
    if servers == 1:  # Lindley's recursion, solved for all customers at once
        served = np.cumsum(services)
        return served + np.maximum.accumulate(arrivals - (served - services)) - arrivals
    free = [0.0] * servers
    found = np.empty(len(arrivals))
    for index, (arrival, service) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
        end = max(arrival, heappop(free)) + service
        heappush(free, end)
        found[index] = end - arrival
    return found


def row(rate, servers, random, parts):
    found = responses(rate, servers, SECONDS, random)
    quantiles = {q: 1e3 * float(np.percentile(found, int(q))) for q in ("50", "95", "99")}
    used = {part: share * SERVICE * len(found) for part, share in parts.items()}
    return {
        "rate": rate / 2.5,
        "seconds": SECONDS,
        "sessions": int(len(found) / 2.5),
        "requests": len(found),
        "good_ratio": 1.0,
        "dropped": 0,
        "latency_ms": quantiles,
        "cpu_seconds": used,
        "stolen_ratio": 0.0,
        "growth": 1.0,
        "void": None,
    }


PARTS = {
    "mono": {"mono": 0.8, "redis": 0.2},
    "micro": {"storefront": 0.4, "catalog": 0.2, "cart": 0.1, "payment": 0.05, "translate": 0.05, "redis": 0.2},
}


def made(number, arm, cpus=1.0, utilisations=(0.3, 0.5, 0.7, 0.85), mix="balanced"):
    random = np.random.default_rng(number)
    servers = int(cpus)
    rows = [row(used * servers / SERVICE, servers, random, PARTS[arm]) for used in utilisations]
    workers = {"mono": servers} if arm == "mono" else {}
    detail = {
        "objective": {"percent": 95, "latency_ms": 200.0, "error_ratio": 0.001},
        "workers": workers,
        "probes": [],
        "ladder": rows,
        "memory_bytes": {part: (100 * workers.get(part, 1) if part != "redis" else 50) * MIB for part in PARTS[arm]},
    }
    # p95 of M/M/1 is 3.0 service times / (1 - u): 200 ms at 85 % of the processor.
    figures = {"capacity_requests_per_s": 0.85 * servers / SERVICE}
    spec = Spec("scaling", arm, number, {"runtime": "local", "mix": mix, "cpus": cpus})
    return Trial(f"scaling-{number:04}", spec, number, "2026-01-01T00:00:00", 1.0, Outcome(figures, detail))


@pytest.fixture(scope="session")
def make_trial():
    return made


@pytest.fixture(scope="session")
def trials():
    return [made(number, ("mono", "micro")[number % 2]) for number in range(6)]


@pytest.fixture
def run(root, trials):
    run = new_run(root, "known")
    run.describe(experiments=["scaling"])
    for each in trials:
        run.keep(each)
    return run
