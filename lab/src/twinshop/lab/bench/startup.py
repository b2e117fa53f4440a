"""From the start of the first process to the first good page and the first completed order."""

import asyncio
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import aiohttp

from twinshop.lab.bench.shop import Rows, cpu_seconds, created, memory
from twinshop.lab.environments.protocol import Environment, Runtime
from twinshop.lab.load.visitor import Visit, Visitor
from twinshop.lab.shapes import Shape
from twinshop.shoppers.wrong import Wrong

POLL_SECONDS = 0.01
GIVE_UP_SECONDS = 120


async def first(url: str, since: float) -> dict[str, float]:
    """Seconds from `since` to the first good page and to the first completed order of one visitor."""
    timeout = aiohttp.ClientTimeout(total=5)
    jar = aiohttp.CookieJar(unsafe=True)  # accepts cookies from an address without a name
    async with asyncio.timeout(GIVE_UP_SECONDS), aiohttp.ClientSession(url, timeout=timeout, cookie_jar=jar) as http:
        visitor = Visitor(http)
        seconds = {"first_page": await soon(visitor.look) - since}
        await soon(visitor.arrive)
        seconds["first_order"] = await soon(visitor.check_out) - since
    return seconds


async def soon(visit: Visit) -> float:
    """Try again until it succeeds; when that was, by `perf_counter`."""
    while True:
        try:
            await visit()
            return perf_counter()
        except (aiohttp.ClientError, Wrong, OSError, TimeoutError):
            await asyncio.sleep(POLL_SECONDS)


def start(environment: Environment, runtime: Runtime) -> dict[str, Any]:
    """One start of an environment that is down, with memory and CPU time once the first order is through."""
    seconds = asyncio.run(first(environment.url, environment.start()))
    environment.wait_ready()
    idle = sum(memory(environment).values())
    return {"runtime": runtime, **seconds, "cpu_seconds": cpu_seconds(environment), "idle_bytes": idle}


def measure(shapes: list[Shape], runtime: Runtime, repeats: int) -> Iterator[Rows]:
    """Starts of all shapes in turn, with empty stores and with those that the first start filled; yields each block."""
    for repeat in range(repeats):
        rows: list[dict[str, Any]] = []
        for shape in shapes if repeat % 2 == 0 else reversed(shapes):
            with created(shape, runtime) as environment:
                for stores in ("empty", "filled"):
                    rows.append(
                        {"shape": shape.name, "stores": stores, "repeat": repeat, **start(environment, runtime)}
                    )
                    environment.stop()
        yield {"startup": rows}
