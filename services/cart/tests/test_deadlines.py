"""No operation on a cart lasts longer than its limit, whatever Redis does."""

import asyncio
import contextlib
import os
import signal
from contextlib import asynccontextmanager

import pytest

from twinshop.cart.app import build
from twinshop.cart.settings import CartSettings
from twinshop.contracts.cart import CartChange
from twinshop.contracts.errors import Unavailable

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


class Redis:
    """Takes a connection, and then never answers as a whole."""

    def __init__(self, answer):
        self.answer = answer
        self.open = 0
        self.empty = asyncio.Event()

    async def __call__(self, reader, writer):
        self.open += 1
        with contextlib.suppress(ConnectionError):
            while await reader.read(4096):
                for byte in self.answer:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.01)
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()
        self.open -= 1
        if not self.open:
            self.empty.set()


@asynccontextmanager
async def cart_at(answer, **settings):
    server = Redis(answer)
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    component = build(CartSettings(redis_url=f"redis://127.0.0.1:{port}/0", **settings))
    async with component.running():
        yield server, component
    while server.open:
        server.empty.clear()
        await server.empty.wait()
    listening.close()


@pytest.mark.parametrize(
    ("answer", "limit"),
    [
        (b"", "timeout_seconds"),
        (b"", "operation_seconds"),
        (b"$9999\r\n" + b"x" * 9999, "operation_seconds"),
        (b"+" * 9999, "operation_seconds"),
    ],
    ids=["silent", "silent in all", "drips", "babbles"],
)
async def test_an_operation_ends_in_time(answer, limit, make_id):
    limits = {"operation_seconds": 60, "timeout_seconds": 60, limit: 0.1}
    async with cart_at(answer, **limits) as (_, component):
        for operation in (
            component.port.get(make_id()),
            component.port.change(make_id(), CartChange(sku="KIT-001", quantity=1, mode="add", change_id=make_id())),
            component.ready(),
        ):
            with pytest.raises(Unavailable):
                await operation


async def test_a_connection_whose_operation_took_too_long_is_not_used_again(make_id):
    async with cart_at(b"", operation_seconds=0.1, timeout_seconds=60) as (server, component):
        with pytest.raises(Unavailable):
            await component.port.get(make_id())
        await server.empty.wait()


async def test_a_redis_that_is_stopped_is_unavailable_and_serves_again_when_it_goes_on(own_server, make_id):
    component = build(CartSettings(redis_url=own_server.connection_url, operation_seconds=0.1, timeout_seconds=60))
    cart = make_id()
    pid = own_server._process.pid

    async def serves():
        while True:  # on a busy machine it may take a while to connect, or to wake up
            with contextlib.suppress(Unavailable):
                assert (await component.port.get(cart)).version == 0
                break

    async with component.running():
        await serves()
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(Unavailable):
                await component.port.get(cart)
        finally:
            os.kill(pid, signal.SIGCONT)
        await serves()
