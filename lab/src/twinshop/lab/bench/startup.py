"""From the start of the first process to the first good page and the first completed order."""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp

from twinshop.lab.bench.processes import running
from twinshop.lab.bench.visits import Visitor, WrongAnswerError
from twinshop.lab.deployment.shape import Shape

POLL_SECONDS = 0.01
GIVE_UP_SECONDS = 120


async def first(url: str, since: float) -> dict[str, float]:
    """Seconds from `since` to the first good page and to the first completed order of one visitor."""
    timeout = aiohttp.ClientTimeout(total=5)
    jar = aiohttp.CookieJar(unsafe=True)  # accepts cookies from an address without a name
    async with asyncio.timeout(GIVE_UP_SECONDS), aiohttp.ClientSession(url, timeout=timeout, cookie_jar=jar) as http:
        visitor = Visitor(http)

        async def soon(visit: Any) -> float:  # noqa: ANN401
            while True:
                try:
                    await visit()
                    return perf_counter() - since
                except (aiohttp.ClientError, WrongAnswerError, OSError, TimeoutError):
                    await asyncio.sleep(POLL_SECONDS)

        seconds = {"first_page": await soon(visitor.look)}
        await soon(visitor.arrive)
        seconds["first_order"] = await soon(visitor.check_out)
    return seconds


def local_start(shape: Shape, folder: Path, core: int | None = None) -> dict[str, Any]:
    """One start on the local runtime, with memory and CPU time once the first order is through."""
    since = perf_counter()
    with running(shape, folder, core) as shop:
        seconds = asyncio.run(first(shop.url, since))
        return {**seconds, "cpu_seconds": shop.cpu_seconds(), "idle_bytes": sum(shop.memory().values())}


def measure(shapes: list[Shape], repeats: int) -> list[dict[str, Any]]:
    """Starts of all shapes in turn, with empty stores and with those that the first start filled."""
    rows: list[dict[str, Any]] = []
    for repeat in range(repeats):
        for shape in shapes if repeat % 2 == 0 else reversed(shapes):
            with tempfile.TemporaryDirectory() as folder:
                for stores in ("empty", "filled"):
                    case = {"runtime": "local", "shape": shape.name, "stores": stores, "repeat": repeat}
                    rows.append({**case, **local_start(shape, Path(folder))})
    return rows
