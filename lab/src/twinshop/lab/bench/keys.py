"""
CPU time that the key of calls between components (`TWINSHOP_CALL_KEY`) costs: the caller's and the callee's.

Two carts, each alone in its process: one asks its callers for a key, the other does not. The same small answer is asked
for by the kit's client, in turns, so that whatever else the machine does hits both.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import uvloop

from twinshop.kit.client import ClientSettings, Remote, connect
from twinshop.lab.bench.calls import costs
from twinshop.lab.bench.shop import created
from twinshop.lab.bench.startup import first
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.shapes import parse

CALLS = 2000
PATH = "/cart/carts/0123456789abcdef"
VARIABLE = "TWINSHOP_CALL_KEY"
SHAPE = "storefront+catalog+payment+translate,cart"
"""The cart by itself, and as few other processes as can be."""


@contextmanager
def _set(variable: str, value: str | None) -> Iterator[None]:
    before = os.environ.pop(variable, None)
    if value is not None:
        os.environ[variable] = value
    try:
        yield
    finally:
        os.environ.pop(variable, None)
        if before is not None:
            os.environ[variable] = before


async def _measure(carts: dict[str, tuple[Environment, str | None]], repeats: int) -> list[dict[str, Any]]:
    calls, rows = ClientSettings(), []
    async with connect(calls) as http:
        remotes = {}
        for way, (environment, key) in carts.items():
            (url,) = environment.control_urls(environment.hosts("cart"))
            with _set(VARIABLE, key):
                remotes[way] = Remote("cart", url, http, calls)
        for repeat in range(repeats):
            for way in list(carts) if repeat % 2 == 0 else reversed(list(carts)):
                environment, remote = carts[way][0], remotes[way]
                part = environment.hosts("cart")

                def used(environment: Environment = environment, part: str = part) -> float:
                    return environment.usage()[part].cpu_seconds

                spent = await costs(partial(remote.call, "GET", PATH), used, CALLS)
                rows.append({"way": way, "repeat": repeat, **spent})
    return rows


def measure(repeats: int) -> list[dict[str, Any]]:
    """Return what `costs` says of a call, for each way and block."""
    key = secrets.token_hex(32)
    with ExitStack() as stack:
        carts = {}
        for way, given in (("without a key", None), ("with a key", key)):
            variables = {} if given is None else {VARIABLE: given}
            environment = stack.enter_context(created(parse(SHAPE), variables=variables))
            asyncio.run(first(environment.url, environment.start()))
            carts[way] = (environment, given)
        return uvloop.run(_measure(carts, repeats))
