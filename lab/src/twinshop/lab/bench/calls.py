"""
CPU time that a call to another component costs both sides.

The same small answer, five ways. A bare pair: the fastest client library, and a plain route of Starlette that answers
the same bytes. Then the translator's process, which has this answer in memory and asks no store, asked by the least
that an asyncio client can do (write fixed bytes, read a fixed number of them), by the library, by the kit's client
(timeout, retry, breaker, errors, request id), and through a port with all that is noted about a call. One call at a
time, in turns.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter, process_time
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop
from pyreqwest.client import ClientBuilder

from twinshop.kit.client import ClientSettings, Remote, connect
from twinshop.kit.observe import observed
from twinshop.lab.bench import bare
from twinshop.lab.bench.shop import created
from twinshop.lab.bench.startup import first, soon
from twinshop.lab.environments.local.process_group import cpu_seconds
from twinshop.lab.shapes import Shape

PATH = "/translate/pairs"
CALLS = 4000
"""Many, because the kernel counts a process's time in hundredths of a second."""
WARM_UP = 200
PAIR = "bare pair (pyreqwest, Starlette)"

Call = Callable[[], Awaitable[Any]]
Used = Callable[[], float]
"""CPU seconds of the callee so far."""


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


async def _measure(url: str, used: Used, port_of_pair: int, repeats: int) -> list[dict[str, Any]]:
    address, calls = urlsplit(url), ClientSettings()
    assert address.hostname is not None
    assert address.port is not None
    builder = ClientBuilder().follow_redirects(enable=False).no_proxy().http1_only().tcp_nodelay(enabled=True)
    async with connect(calls) as connections, builder.build() as http:
        remote = Remote("translate", url, connections, calls)
        port = observed("translate", _Port(remote), remote=True)

        async def library(to: str = url) -> bytes:
            response = await http.get(to + PATH).build().send()
            return bytes(await response.bytes())

        async def pair() -> bytes:
            return await library(f"http://127.0.0.1:{port_of_pair}")

        async def reached() -> None:
            _, writer = await asyncio.open_connection("127.0.0.1", port_of_pair)
            writer.close()

        answer = await library()
        with bare.running(port_of_pair, {}, {PATH: answer.decode()}) as process:
            await soon(reached)
            ways: dict[str, tuple[Call, Used]] = {
                PAIR: (pair, lambda: cpu_seconds([process])),
                "the translator, by a minimal client": (await _floor(address.hostname, address.port), used),
                "the translator, by the library": (library, used),
                "the translator, by the kit's client": (lambda: remote.call("GET", PATH), used),
                "the translator, through its port": (port.get, used),
            }
            assert await pair() == answer
            return [
                {"way": way, "repeat": repeat, **await costs(*ways[way], CALLS)}
                for repeat in range(repeats)
                for way in (list(ways) if repeat % 2 == 0 else reversed(list(ways)))
            ]


async def costs(call: Call, used: Used, calls: int) -> dict[str, float]:
    """CPU microseconds of caller and callee, and wall microseconds, of one call."""
    for _ in range(WARM_UP):
        await call()
    caller, callee, since = process_time(), used(), perf_counter()
    for _ in range(calls):
        await call()
    spent = {"caller_us": process_time() - caller, "callee_us": used() - callee, "wall_us": perf_counter() - since}
    return {name: seconds / calls * 1e6 for name, seconds in spent.items()}


def measure(micro: Shape, free_port: int, repeats: int) -> list[dict[str, Any]]:
    """
    Rows of CPU microseconds of caller and callee and of wall microseconds per call, by way and block.

    The bare pair's route listens at `free_port`.
    """
    with created(micro) as shop:
        asyncio.run(first(shop.url, shop.start()))
        part = shop.hosts("translate")
        (translator,) = shop.control_urls(part)
        return uvloop.run(_measure(translator, lambda: shop.usage()[part].cpu_seconds, free_port, repeats))
