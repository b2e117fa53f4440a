"""
One start, watched from outside.

Asked gently, since on one processor every question takes time from the start: `/readyz` of each process every 25 ms,
pages every 50 ms. These are the resolutions of the figures.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import LabError, ProvisionError
from twinshop.lab.load.visitor import Visitor
from twinshop.shoppers.wrong import Wrong

READY_PAUSE_SECONDS = 0.025
PAGE_PAUSE_SECONDS = 0.05
GIVE_UP_SECONDS = 120.0
POINTS = ("created", "began", "imported", "initialised")
"""What a process notes of its own start; see `twinshop.kit.startup`."""
PHASES = ("create", "interpreter", "imports", "initialise", "bind")
"""From one point to the next: from the order to start to `created`, …, from `initialised` to the first `/readyz`."""

pause = time.sleep


def watch(environment: Environment) -> dict[str, Any]:
    """
    Start the environment and see it come.

    Returns:
        `ready_s` (all processes), `first_page_s` (with products), `first_order_s`: seconds since the order to start;
        `cpu_s`: CPU seconds of the shop's processes until then; `parts`: by process, the seconds of each phase.

    Raises:
        LabError: it is not there after two minutes.
    """
    try:
        found = asyncio.run(_watch(environment))
    except TimeoutError:
        raise ProvisionError(f"{environment.shape.name} did not answer within {GIVE_UP_SECONDS:.0f} s.") from None
    own = {process.name for process in environment.shape.processes}
    found["cpu_s"] = sum(used.cpu_seconds for part, used in environment.usage().items() if part in own)
    return found


async def _watch(environment: Environment) -> dict[str, Any]:
    timeout = aiohttp.ClientTimeout(total=5)
    jar = aiohttp.CookieJar(unsafe=True)  # accepts cookies from an address without a name
    names = [process.name for process in environment.shape.processes]
    async with (
        asyncio.timeout(GIVE_UP_SECONDS),
        aiohttp.ClientSession(timeout=timeout) as asking,
        aiohttp.ClientSession(environment.url, timeout=timeout, cookie_jar=jar) as visiting,
        asyncio.TaskGroup() as group,
    ):
        since = time.perf_counter()
        group.create_task(asyncio.to_thread(environment.start))  # Compose returns only when the databases answer
        visits = group.create_task(_visits(visiting, since))
        parts = {name: group.create_task(_part(environment, name, asking, since)) for name in names}
    phases = {name: task.result() for name, task in parts.items()}
    return {"ready_s": max(sum(each.values()) for each in phases.values()), "parts": phases, **visits.result()}


async def _visits(http: aiohttp.ClientSession, since: float) -> dict[str, float]:
    visitor = Visitor(http)
    seconds = {"first_page_s": await _soon(visitor.look, since)}
    await _soon(visitor.arrive, since)
    return {**seconds, "first_order_s": await _soon(visitor.check_out, since)}


async def _soon(visit: Callable[[], Awaitable[None]], since: float) -> float:
    while True:
        try:
            await visit()
            return time.perf_counter() - since
        except (aiohttp.ClientError, Wrong, OSError, TimeoutError):
            await asyncio.sleep(PAGE_PAUSE_SECONDS)


async def _part(environment: Environment, name: str, http: aiohttp.ClientSession, since: float) -> dict[str, float]:
    """The seconds of each phase of one process."""
    while True:
        try:
            (url, *_) = await asyncio.to_thread(environment.control_urls, name)
            break
        except (LabError, ValueError):  # its container is not there yet
            await asyncio.sleep(READY_PAUSE_SECONDS)
    await _ready(url, http)
    ready = time.time()
    moved = time.time() - time.perf_counter()  # from one clock to the other
    async with http.get(f"{url}/metrics") as response:
        text = await response.text()
    noted = dict(re.findall(r'twinshop_start_moment_seconds\{point="(\w+)"\} (\S+)', text))
    points = [since + moved, *(float(noted[point]) for point in POINTS), ready]
    return {phase: points[at + 1] - points[at] for at, phase in enumerate(PHASES)}


async def _ready(url: str, http: aiohttp.ClientSession) -> None:
    while True:
        try:
            async with http.get(f"{url}/readyz") as response:
                if response.status == 200:  # noqa: PLR2004
                    return
        except (aiohttp.ClientError, OSError, TimeoutError):
            pass
        await asyncio.sleep(READY_PAUSE_SECONDS)


def wait_part(environment: Environment, part: str) -> None:
    """Until a part that was restarted is ready; its address is looked up again, because it may have changed."""

    async def wait() -> None:
        timeout = aiohttp.ClientTimeout(total=2)
        async with asyncio.timeout(GIVE_UP_SECONDS), aiohttp.ClientSession(timeout=timeout) as http:
            (url, *_) = environment.control_urls(part)
            await _ready(url, http)

    asyncio.run(wait())
