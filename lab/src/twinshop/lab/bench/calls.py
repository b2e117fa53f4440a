"""
CPU time that a call to another component costs the caller.

The same small answer of the same process, four ways: the least that an asyncio client can do (write fixed bytes, read a
fixed number of them), the bare library, the kit's client (timeout, retry, breaker, errors, request id), and a port with
all that is noted about a call. CPU time of this process only; one call at a time, in turns.
"""

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from time import perf_counter, process_time
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop

from twinshop.kit.client import ClientSettings, Remote, connect
from twinshop.kit.observe import observed
from twinshop.lab.bench.shop import created
from twinshop.lab.bench.startup import first
from twinshop.lab.shapes import Shape

PATH = "/cart/carts/0123456789abcdef"
CALLS = 1500

Call = Callable[[], Awaitable[Any]]


class _Floor(asyncio.Protocol):
    """One connection that knows how long every answer is."""

    def __init__(self) -> None:
        self.length = 0
        self._got = 0
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without inheriting from it

    def data_received(self, data: bytes) -> None:
        self._got += len(data)
        if self._got >= self.length and self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    async def ask(self, request: bytes) -> None:
        assert self._transport is not None
        self._got = 0
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answered


class _Port:
    """The least of a port: one operation."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def get(self) -> bytes:
        return await self._remote.call("GET", PATH)


async def _floor(host: str, port: int) -> Call:
    request = f"GET {PATH} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    length = next(int(value) for name, _, value in fields if name == b"content-length")
    writer.close()
    _, protocol = await asyncio.get_running_loop().create_connection(_Floor, host, port)
    # The one header whose length varies is `server-timing`: wait for no more than the shortest answer.
    protocol.length = len(head) + length - 2
    return lambda: protocol.ask(request)


async def _measure(url: str, repeats: int) -> list[dict[str, Any]]:
    address, calls = urlsplit(url), ClientSettings()
    assert address.hostname is not None
    assert address.port is not None
    async with connect(calls) as http:
        remote = Remote("cart", url, http, calls)
        port = observed("cart", _Port(remote), remote=True)

        async def bare() -> bytes:
            response = await http.get(url + PATH).build().send()
            return bytes(await response.bytes())

        ways: dict[str, Call] = {
            "minimal asyncio client": await _floor(address.hostname, address.port),
            "bare library (pyreqwest)": bare,
            "the kit's client": lambda: remote.call("GET", PATH),
            "a port, observed": port.get,
        }
        rows = []
        for repeat in range(repeats):
            for name, call in ways.items():
                for _ in range(100):
                    await call()
                cpu, since = process_time(), perf_counter()
                for _ in range(CALLS):
                    await call()
                rows.append(
                    {
                        "way": name,
                        "repeat": repeat,
                        "cpu_us": (process_time() - cpu) / CALLS * 1e6,
                        "wall_us": (perf_counter() - since) / CALLS * 1e6,
                    }
                )
    return rows


def measure(micro: Shape, repeats: int) -> list[dict[str, Any]]:
    """Rows of CPU and wall microseconds per call, against the cart of a running shop."""
    with created(micro) as shop:
        asyncio.run(first(shop.url, shop.start()))
        (cart,) = shop.control_urls(shop.hosts("cart"))
        return uvloop.run(_measure(cart, repeats))


def median_cpu(rows: list[dict[str, Any]]) -> dict[str, float]:
    ways = dict.fromkeys(row["way"] for row in rows)
    return {way: statistics.median(row["cpu_us"] for row in rows if row["way"] == way) for way in ways}
