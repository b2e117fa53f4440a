"""
Requests a second, latency and CPU time per request, each shape on one and the same core.

A closed loop with a fixed number of visitors: it finds what the core can do. Its latencies are those of a busy shop and
no promise for an open world; the lab's experiments send at fixed rates.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any

import aiohttp

from twinshop.lab.bench.shop import Rows, cpu_seconds, created, memory
from twinshop.lab.bench.startup import first
from twinshop.lab.bench.visits import CHECKOUT, PAGES, visits_of
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.load.visitor import Visit, Visitor
from twinshop.lab.shapes import Shape

VISITORS = 16
WARM_UP_SECONDS = 2.0
KINDS = (*PAGES, CHECKOUT)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of values in ascending order."""
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * len(ordered) * 1000) // 1000) - 1))]


async def load(shop: Environment, kind: str, seconds: float) -> dict[str, float]:
    """Let visitors make one kind of visit over and over; raises at the first wrong answer."""
    async with AsyncExitStack() as stack:
        visitors = []
        for _ in range(VISITORS):
            jar = aiohttp.CookieJar(unsafe=True)
            http = await stack.enter_async_context(aiohttp.ClientSession(shop.url, cookie_jar=jar))
            visitor = Visitor(http)
            await visitor.arrive()
            visitors.append(visits_of(visitor)[kind])
        await _repeat(visitors, WARM_UP_SECONDS)
        cpu, since = cpu_seconds(shop), perf_counter()
        durations = await _repeat(visitors, seconds)
        elapsed, cpu = perf_counter() - since, cpu_seconds(shop) - cpu
    durations.sort()
    return {
        "visits": len(durations),
        "per_second": len(durations) / elapsed,
        "p50_ms": percentile(durations, 0.5) * 1e3,
        "p99_ms": percentile(durations, 0.99) * 1e3,
        "cpu_ms": cpu / len(durations) * 1e3,
    }


async def _repeat(visits: Sequence[Visit], seconds: float) -> list[float]:
    end = perf_counter() + seconds
    durations: list[float] = []

    async def keep_on(visit: Visit) -> None:
        while (start := perf_counter()) < end:
            await visit()
            durations.append(perf_counter() - start)

    async with asyncio.TaskGroup() as group:
        for visit in visits:
            group.create_task(keep_on(visit))
    return durations


def measure(shapes: list[Shape], repeats: int, seconds: float) -> Iterator[Rows]:
    """Rows of load, and of the memory of each process afterwards; yields each block."""
    cores = sorted(os.sched_getaffinity(0))
    shop_core, own_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    if own_core is not None:
        os.sched_setaffinity(0, {own_core})
    try:
        for repeat in range(repeats):
            loads: list[dict[str, Any]] = []
            sizes: list[dict[str, Any]] = []
            for shape in shapes if repeat % 2 == 0 else reversed(shapes):
                with created(shape, core=shop_core) as shop:
                    asyncio.run(first(shop.url, shop.start()))
                    for name in KINDS:
                        figures = asyncio.run(load(shop, name, seconds))
                        loads.append({"shape": shape.name, "visit": name, "repeat": repeat, **figures})
                    sizes += [
                        {"shape": shape.name, "process": name, "repeat": repeat, "bytes": size}
                        for name, size in memory(shop).items()
                    ]
            yield {"throughput": loads, "memory": sizes}
    finally:
        os.sched_setaffinity(0, set(cores))
