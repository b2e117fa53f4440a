"""Calls to another process, against real sockets that misbehave."""

import asyncio
import contextlib
import time
from contextlib import asynccontextmanager

import pytest
from pydantic import TypeAdapter

from twinshop.contracts.errors import OutOfStock, Unavailable
from twinshop.contracts.values import Value
from twinshop.kit import context
from twinshop.kit.client import ClientSettings, Remote, connect

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood"
SHORTAGE = b'{"code":"out-of-stock","detail":"Only 2 left.","status":409,"shortages":[{"sku":"KIT-001"}]}'


def answer(status, body, kind=b"application/problem+json"):
    head = b"HTTP/1.1 %d x\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n" % (status, kind, len(body))
    return head + body


class Server:
    """Answers each request with the next of a script: bytes, `None` to hang up, or seconds to wait."""

    def __init__(self, *script):
        self.script = list(script)
        self.requests = []

    async def __call__(self, reader, writer):
        try:
            while self.script:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                act = self.script.pop(0)
                if act is None:
                    break
                if isinstance(act, float):
                    await asyncio.sleep(act)
                else:
                    writer.write(act)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def remote_to(server, **settings):
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    calls = ClientSettings(**settings)
    async with listening, connect(calls) as http:
        yield Remote("probe", f"http://127.0.0.1:{port}", http, calls)


async def test_the_body_of_a_success_comes_back_and_the_request_id_goes_along():
    server = Server(OK)
    token = context.request_id.set("lesson-7")
    async with remote_to(server) as remote:
        assert await remote.call("GET", "/x") == b"good"
    context.request_id.reset(token)

    assert b"x-request-id: lesson-7" in server.requests[0].lower()


async def test_a_problem_becomes_the_very_error_that_was_raised_over_there():
    async with remote_to(Server(answer(409, SHORTAGE))) as remote:
        with pytest.raises(OutOfStock) as caught:
            await remote.call("GET", "/x")

    assert caught.value.detail == "Only 2 left."
    assert caught.value.facts == {"shortages": [{"sku": "KIT-001"}]}


@pytest.mark.parametrize("body", [b"<h1>Bad gateway</h1>", b"", b"[]", b'{"code":"internal-error"}', b'{"code":"new"}'])
async def test_anything_else_that_is_no_success_means_unavailable(body):
    async with remote_to(Server(answer(500, body))) as remote:
        with pytest.raises(Unavailable) as caught:
            await remote.call("GET", "/x")

    assert caught.value.facts == {"component": "probe"}


async def test_a_broken_connection_is_tried_once_more():
    server = Server(None, OK)
    async with remote_to(server) as remote:
        assert await remote.call("POST", "/x", b"{}") == b"good"

    assert len(server.requests) == 2


async def test_a_timeout_is_not_tried_again():
    server = Server(5.0, OK)
    async with remote_to(server) as remote:
        with pytest.raises(Unavailable, match="too long"):
            await remote.call("GET", "/x", timeout_seconds=0.2)

    assert len(server.requests) == 1


async def test_nobody_listening_means_unavailable():
    calls = ClientSettings()
    async with connect(calls) as http:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await Remote("probe", "http://127.0.0.1:9", http, calls).call("GET", "/x")


async def test_a_call_that_is_cancelled_ends_there_even_where_its_answer_comes_at_the_same_time():
    calls = ClientSettings(breaker=False)
    async with connect(calls) as http:
        remote = Remote("probe", "http://127.0.0.1:9", http, calls)
        for _ in range(20):  # each alone is seen half of the time
            call = asyncio.create_task(remote.call("GET", "/x"))
            await asyncio.sleep(0)  # it has begun
            time.sleep(0.003)  # noqa: ASYNC251 - the refusal is there, and this loop has not seen it
            call.cancel()
            await asyncio.wait({call})
            assert call.cancelled()


async def test_a_component_that_keeps_failing_is_not_called_any_more():
    server = Server(*[answer(503, b"{}")] * 20)
    async with remote_to(server, retries=0) as remote:
        for _ in range(8):
            with pytest.raises(Unavailable):
                await remote.call("GET", "/x")

    assert len(server.requests) == 5


async def test_refusals_do_not_open_the_breaker():
    server = Server(*[answer(409, SHORTAGE)] * 8)
    async with remote_to(server) as remote:
        for _ in range(8):
            with pytest.raises(OutOfStock):
                await remote.call("GET", "/x")

    assert len(server.requests) == 8


class Known(Value):
    a: int


KNOWN = TypeAdapter(tuple[Known, ...])


async def test_an_answer_is_read_as_a_value_and_may_say_more_than_is_known():
    async with remote_to(Server(answer(200, b'[{"a": 1, "new": {"of": "theirs"}}]'))) as remote:
        assert await remote.read(KNOWN, "GET", "/x") == (Known(a=1),)


@pytest.mark.parametrize("body", [b"<h1>Welcome</h1>", b"", b"{}", b'[{"b": 1}]'])
async def test_a_success_that_says_something_else_means_unavailable(body):
    async with remote_to(Server(answer(200, body))) as remote:
        with pytest.raises(Unavailable, match="something else") as caught:
            await remote.read(KNOWN, "GET", "/x")

    assert caught.value.facts == {"component": "probe"}


async def test_a_component_that_keeps_answering_something_else_is_not_called_any_more():
    server = Server(*[answer(200, b"<h1>Welcome</h1>")] * 20)
    async with remote_to(server) as remote:
        for _ in range(8):
            with pytest.raises(Unavailable):
                await remote.read(KNOWN, "GET", "/x")

    assert len(server.requests) == 5


@pytest.mark.parametrize("body", [b"x" * 99, b"x"], ids=["many bytes", "one byte"])
async def test_an_answer_that_drips_takes_no_longer_than_a_call_may(body):
    gone = asyncio.Event()

    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for byte in body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.02)
            await reader.read()
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()
        gone.set()

    async with remote_to(drip, timeout_seconds=0.2) as remote:
        with pytest.raises(Unavailable, match="took too long"):
            await remote.call("GET", "/x")
        await gone.wait()


async def test_who_is_not_reached_in_time_is_told_from_who_does_not_answer(unaccepting):
    settings = ClientSettings(connect_seconds=0.1, timeout_seconds=0.3, breaker=False)
    async with connect(settings) as http:
        with pytest.raises(Unavailable) as raised:
            await Remote("cart", unaccepting, http, settings).call("GET", "/x")

    assert str(raised.value) == "The cart component took too long to accept a connection."


async def test_a_second_try_has_what_the_first_one_left():
    given = []

    class Watched(Remote):
        async def _send(self, *arguments):
            given.append(arguments[-1])
            return await super()._send(*arguments)

    async with remote_to(Server(None, OK), timeout_seconds=5) as remote:
        remote.__class__ = Watched
        assert await remote.call("GET", "/x") == b"good"

    first, second = given
    assert second < first <= 5


@pytest.mark.parametrize("key", [None, "0123456789abcdef"])
async def test_the_key_goes_along_if_there_is_one(monkeypatch, key):
    monkeypatch.delenv("TWINSHOP_CALL_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("TWINSHOP_CALL_KEY", key)
    server = Server(OK)
    async with remote_to(server) as remote:
        await remote.call("GET", "/x")

    assert (b"authorization: bearer 0123456789abcdef" in server.requests[0].lower()) is (key is not None)
