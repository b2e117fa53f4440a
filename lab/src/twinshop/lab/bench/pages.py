"""
CPU time of each kind of page and of a checkout: all processes of a shape, and a bare app with the same HTML.

One visitor, one request at a time: what is counted is the processors' time, which company on the machine hardly
changes. The bare app (`bare`) renders the pages that the monolith answered in the same block, from memory.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import aiohttp

from twinshop.lab.bench import bare
from twinshop.lab.bench.shop import Rows, cpu_seconds, created
from twinshop.lab.bench.startup import first
from twinshop.lab.bench.visits import CHECKOUT, visits_of
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.load.visitor import Visit, Visitor
from twinshop.lab.shapes import Shape

BARE = "bare"
WARM_UP = 30


async def _cost(visit: Visit, used: Callable[[], float], times: int) -> float:
    """CPU milliseconds of one visit."""
    for _ in range(WARM_UP):
        await visit()
    since = used()
    for _ in range(times):
        await visit()
    return (used() - since) / times * 1e3


async def _shop(shop: Environment, times: int) -> tuple[dict[str, float], dict[str, str]]:
    """CPU milliseconds of each visit, and the HTML of each page."""
    costs: dict[str, float] = {}
    html: dict[str, str] = {}
    async with aiohttp.ClientSession(shop.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        visitor = Visitor(http)
        await visitor.arrive()

        used = partial(cpu_seconds, shop)
        for name, visit in visits_of(visitor).items():
            if name == CHECKOUT:
                costs[name] = await _cost(visit, used, times // 4)
            else:
                html[name] = str(await visit())
                costs[name] = await _cost(visit, used, times)
    return costs, html


def measure(shapes: list[Shape], repeats: int, times: int) -> Iterator[Rows]:
    """Rows of CPU milliseconds by shape and visit; yields each block."""
    for repeat in range(repeats):
        found: dict[str, dict[str, float]] = {}
        for shape in shapes if repeat % 2 == 0 else reversed(shapes):
            with created(shape) as shop:
                asyncio.run(first(shop.url, shop.start()))
                found[shape.name], html = asyncio.run(_shop(shop, times))
        found[BARE] = bare.costs(html, shapes[0].port, partial(_cost, times=times))  # the port is free again
        rows: list[dict[str, Any]] = [
            {"shape": shape, "visit": visit, "repeat": repeat, "cpu_ms": cost}
            for shape, costs in found.items()
            for visit, cost in costs.items()
        ]
        yield {"pages": rows}
