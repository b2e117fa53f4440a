"""What the server makes of requests that are smuggled, malformed, huge or slow, on real sockets."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn

from twinshop.kit import wire
from twinshop.kit.settings import ServerSettings

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
HOST = b"Host: 127.0.0.1\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class App:
    """Answers with the body that it was sent; notes each path with its headers."""

    def __init__(self):
        self.seen = []
        self.answer = None
        self.size = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    @property
    def paths(self):
        return [scope["path"] for scope, _ in self.seen]

    async def __call__(self, scope, receive, send):
        body, more = b"", scope["path"] != "/early"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        self.seen.append((scope, body))
        await self.go_on.wait()
        answer = body or b"x" * self.size
        length = b"%d" % len(answer)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        if scope["path"] == "/halves":
            await send({"type": "http.response.body", "body": answer[:1], "more_body": True})
            self.go_on.clear()
            await self.go_on.wait()
            answer = answer[1:]
        await send({"type": "http.response.body", "body": answer})


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self):
        """The status and the body of the next answer."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        return int(head.split()[1]), await self.reader.readexactly(length)

    async def rest(self):
        """All that comes until the other side closes."""
        return await self.reader.read()

    async def ask(self, data):
        await self.send(data)
        return await self.answer()


@pytest.fixture
def limits(monkeypatch):
    """Sets the server's limits."""

    def of(**settings):
        monkeypatch.setattr(wire, "_settings", lambda: ServerSettings(**settings))

    return of


@pytest.fixture
async def app(anyio_backend):
    return App()


@pytest.fixture
async def connect(app, limits):
    """Opens connections to a server of this protocol."""
    limits()
    config = uvicorn.Config(app, http=wire.Protocol, ws="none", lifespan="off", log_config=None)
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: wire.Protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    writers = []

    @asynccontextmanager
    async def connected():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        yield Connection(reader, writer)
        writer.close()

    yield connected
    server.close()
    for connection in [*state.connections]:
        connection.transport.abort()
    for task in [*state.tasks]:
        task.cancel()


UPGRADES = [
    b"Connection: Upgrade\r\nUpgrade: foo\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAAAAAAIAAAAA\r\n",
    b"Upgrade: foo\r\nConnection: keep-alive, UPGRADE\r\n",
]


@pytest.mark.parametrize("headers", UPGRADES)
@pytest.mark.parametrize("at_once", [True, False])
async def test_the_body_of_a_request_that_asks_for_an_upgrade_stays_its_body(app, connect, headers, at_once):
    head = b"POST /a?b=c HTTP/1.1\r\n" + HOST + headers + b"X-Other: 1\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED)
    async with connect() as connection:
        for part in [head + SMUGGLED] if at_once else [head, SMUGGLED]:
            await connection.send(part)
            await asyncio.sleep(0)
        assert await connection.answer() == (200, SMUGGLED)
        assert await connection.ask(b"GET /next HTTP/1.1\r\n" + HOST + b"\r\n") == (200, b"")

    assert app.paths == ["/a", "/next"]
    assert app.seen[0][0]["query_string"] == b"b=c"
    assert (b"x-other", b"1") in app.seen[0][0]["headers"]


async def test_a_chunked_body_of_a_request_that_asks_for_an_upgrade_is_read_too(app, connect):
    head = b"POST /a HTTP/1.1\r\n" + HOST + UPGRADES[0] + b"Transfer-Encoding: chunked\r\n\r\n"
    async with connect() as connection:
        assert await connection.ask(head + b"3\r\nabc\r\n0\r\n\r\n") == (200, b"abc")


async def test_an_upgrade_of_a_request_without_a_body_is_ignored(app, connect):
    async with connect() as connection:
        one = b"GET /a HTTP/1.1\r\n" + HOST + UPGRADES[0] + b"\r\n"
        await connection.send(one + b"GET /b HTTP/1.1\r\n" + HOST + b"\r\n")
        assert [await connection.answer(), await connection.answer()] == [(200, b"")] * 2

    assert app.paths == ["/a", "/b"]


async def test_a_request_that_asks_for_an_upgrade_and_to_close_is_answered_and_closed(app, connect):
    async with connect() as connection:
        head = b"GET /a HTTP/1.1\r\n" + HOST + b"Connection: close, upgrade\r\nUpgrade: foo\r\n\r\n"
        await connection.send(head)
        assert b" 200 " in await connection.rest()


POST = b"POST /a HTTP/1.1\r\n" + HOST
AMBIGUOUS = {
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 43\r\n\r\nabc",
    "one length twice": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "lengths in one header": POST + b"Content-Length: 3, 43\r\n\r\nabc",
    "a length with a sign": POST + b"Content-Length: +3\r\n\r\nabc",
    "a length and chunks": POST + b"Content-Length: 43\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 43\r\n\r\n0\r\n\r\n",
    "a coding after chunked": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a folded header": POST + b"Transfer-Encoding:\r\n chunked\r\nX: 1\r\n  2\r\nContent-Length: 3\r\n\r\nabc",
    "a space before the colon": POST + b"Content-Length : 3\r\n\r\nabc",
    "a line that ends in LF alone": b"POST /a HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 3\n\nabc",
    "a header with a line that ends in CR alone": POST + b"X: 1\rContent-Length: 3\r\n\r\nabc",
    "a chunk of a wrong length": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    "a chunk of a negative length": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": b"CONNECT 127.0.0.1:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a null byte": POST + b"X: a\0b\r\n\r\n",
}


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=AMBIGUOUS)
async def test_what_two_servers_could_read_differently_is_refused_and_nothing_after_it_is_read(app, connect, request_):
    async with connect() as connection:
        await connection.send(request_)
        await connection.send(SMUGGLED)
        answer = await connection.rest()

    assert answer.split(b"\r\n")[0] in {b"HTTP/1.1 400 Bad Request", b"HTTP/1.1 501 Not Implemented"}
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] in {"bad-request", "not-implemented"}
    assert "/smuggled" not in app.paths


GET = b"GET /a HTTP/1.1\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
FAULTY = {
    "no request": b"BAD\r\n\r\n",
    "a path that is not ASCII": b"GET /\xff HTTP/1.1\r\n\r\n",
    "a tunnel": b"CONNECT a:80 HTTP/1.1\r\n\r\n",
    "a head too large": b"GET /b HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
    "a broken body": b"POST /b HTTP/1.1\r\n" + HOST + CHUNKED + b"z\r\n",
}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("faulty", FAULTY.values(), ids=FAULTY)
async def test_what_is_not_a_request_is_answered_after_the_requests_before_it(app, connect, faulty, at_once):
    app.go_on.clear()
    async with connect() as connection:
        for part in [GET + b"\r\n" + faulty] if at_once else [GET + b"\r\n", faulty]:
            await connection.send(part)
            await asyncio.sleep(0.02)
        await connection.send(SMUGGLED)
        app.go_on.set()
        assert await connection.answer() == (200, b"")
        assert (await connection.answer())[0] in {400, 431, 501}
        assert await connection.rest() == b""

    assert app.paths == ["/a"]


async def test_what_follows_a_request_to_close_does_not_spoil_its_answer(app, connect):
    app.go_on.clear()
    async with connect() as connection:
        await connection.send(GET + b"Connection: close, upgrade\r\nUpgrade: foo\r\n\r\n" + SMUGGLED)
        await until(lambda: app.paths)
        app.go_on.set()
        assert await connection.answer() == (200, b"")
        assert await connection.rest() == b""

    assert app.paths == ["/a"]


async def test_nothing_is_put_into_an_answer_that_has_begun(app, connect):
    app.size = 1000
    async with connect() as connection:
        await connection.send(b"GET /halves HTTP/1.1\r\n" + HOST + b"\r\n")
        await connection.reader.readuntil(b"\r\n\r\nx")
        await connection.send(b"BAD\r\n\r\n")
        await asyncio.sleep(0.02)
        app.go_on.set()
        assert await connection.reader.readexactly(999) == b"x" * 999
        assert (await connection.answer())[0] == 400


async def test_a_request_that_was_answered_before_its_body_was_broken_gets_no_second_answer(connect):
    async with connect() as connection:
        assert await connection.ask(b"POST /early HTTP/1.1\r\n" + HOST + CHUNKED) == (200, b"")
        await connection.send(b"z\r\n")
        assert await connection.rest() == b""


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /early HTTP/1.1\r\nConnection: close\r\n" + HOST + b"Content-Length: 8000000\r\n\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"X: ",
    ],
    ids=["body", "head"],
)
async def test_a_client_that_reads_only_after_it_has_sent_everything_gets_the_answer(connect, request_):
    def talk(address):
        with socket.create_connection(address, 30) as client:
            client.sendall(request_ + b"x" * 8_000_000)
            return client.recv(100)

    async with connect() as connection:
        address = connection.writer.get_extra_info("peername")
        assert (await asyncio.to_thread(talk, address)).startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize(
    "target", [b"http://other.shop:80/a?b=c", b"HTTPS://other.shop:80?b=c", b"http://other.shop:80"]
)
async def test_the_host_of_a_target_outranks_the_header(app, connect, target):
    async with connect() as connection:
        assert await connection.ask(b"GET " + target + b" HTTP/1.1\r\nX: 1\r\n" + HOST + b"\r\n") == (200, b"")

    scope, _ = app.seen[0]
    assert scope["headers"] == [(b"x", b"1"), (b"host", b"other.shop:80")]
    assert (scope["path"], scope["query_string"]) in {("/a", b"b=c"), ("/", b"b=c"), ("/", b"")}


async def test_a_client_of_http_1_0_gets_no_interim_answer(connect):
    async with connect() as connection:
        await connection.send(b"POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        await asyncio.sleep(0.02)
        assert await connection.ask(b"hi") == (200, b"hi")


@pytest.mark.parametrize("version", [b"0.9", b"2.0"])
async def test_another_version_of_http_is_refused(app, connect, version):
    async with connect() as connection:
        assert (await connection.ask(b"GET /a HTTP/" + version + b"\r\n\r\n"))[0] == 400

    assert app.seen == []


@pytest.mark.parametrize("what", [b"X: y\r\n", b"1;" + b"x" * 1000 + b"\r\na\r\n"], ids=["trailers", "chunks"])
async def test_the_framing_of_a_body_has_a_bound_too(app, connect, limits, what):
    limits(max_body=1024)
    async with connect() as connection:
        await connection.send(POST + CHUNKED)
        with suppress(ConnectionError):
            await connection.send((b"0\r\n" if b";" not in what else b"") + what * (100_000 // len(what)))
        assert (await connection.answer())[0] == 413

    assert app.seen == []


async def test_trailers_are_no_headers(app, connect):
    head = b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with connect() as connection:
        assert await connection.ask(head + b"1\r\na\r\n0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n") == (200, b"a")

    assert b"x-forwarded-for" not in dict(app.seen[0][0]["headers"])


@pytest.mark.parametrize("parts", [1, 7])
@pytest.mark.parametrize("where", ["a header", "many headers", "the address"])
async def test_a_head_that_is_too_large_is_refused(app, connect, where, parts):
    much = {
        "a header": b"GET /a HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 40_000,
        "many headers": b"GET /a HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 7_000,
        "the address": b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST,
    }[where]
    whole = much.removesuffix(b"\r\n") + b"\r\n\r\n"
    step = len(whole) // parts + 1
    async with connect() as connection:
        for start in range(0, len(whole), step):
            await connection.send(whole[start : start + step])
        status, body = await connection.answer()

    assert status == 431
    assert json.loads(body)["status"] == 431
    assert app.seen == []


async def test_a_large_body_behind_a_small_head_is_read(app, connect):
    body = b"x" * 200_000
    async with connect() as connection:
        assert await connection.ask(POST + b"Content-Length: 200000\r\n\r\n" + body) == (200, body)


@pytest.mark.parametrize("begin", [b"", b"GET /a HT", b"GET /a HTTP/1.1\r\nHost: x\r\nX: "])
async def test_headers_that_do_not_arrive_in_time_end_the_connection(connect, limits, begin):
    limits(header_seconds=0.05)
    async with connect() as connection:
        await connection.send(begin)
        assert b" 408 " in await connection.rest()


async def test_headers_that_drip_end_the_connection_too(connect, limits):
    limits(header_seconds=0.1)
    async with connect() as connection:
        await connection.send(b"GET /a HTTP/1.1\r\nX: ")

        async def drip():
            while True:
                await connection.send(b"x")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        try:
            assert b" 408 " in await connection.reader.read(100)
        finally:
            dripping.cancel()
            await asyncio.gather(dripping, return_exceptions=True)


async def test_the_second_request_of_a_connection_has_as_little_time_as_the_first(connect, limits):
    limits(header_seconds=0.05)
    async with connect() as connection:
        await connection.ask(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
        await connection.send(b"GET /b")
        assert b" 408 " in await connection.rest()


async def test_a_body_that_is_not_needed_and_does_not_arrive_ends_the_connection(connect, limits):
    limits(body_seconds=0.05)
    async with connect() as connection:
        await connection.send(b"POST /early HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n")
        assert (await connection.answer())[0] == 200
        assert await connection.rest() == b""


async def test_a_client_that_does_not_read_its_answer_loses_the_connection(app, connect, limits):
    limits(send_seconds=0.05)
    app.size = 50_000_000
    async with connect() as connection:
        connection.reader._limit = 1  # so that asyncio reads hardly ahead
        await connection.send(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
        await connection.reader.read(1)
        await asyncio.sleep(0.2)
        connection.reader._limit = 2**20  # what has arrived is read quickly
        try:
            received = await connection.rest()
        except ConnectionResetError:
            received = b""

    assert len(received) < app.size


class Recorded(asyncio.Transport):
    """Notes each write, and whether it was closed."""

    def __init__(self):
        super().__init__()
        self.writes, self.closed = [], False

    def write(self, data):
        self.writes.append(data)

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed


async def test_what_is_written_in_one_turn_is_sent_together():
    transport = Recorded()
    joined = wire.Joined(transport, asyncio.get_running_loop(), lambda: False)
    joined.write(b"head")
    joined.write(b"body")
    assert transport.writes == []
    await asyncio.sleep(0)
    assert transport.writes == [b"headbody"]

    joined.write(b"next")
    joined.close()
    assert (transport.writes, transport.closed) == ([b"headbody", b"next"], True)
    joined.write(b"too late")
    await asyncio.sleep(0)
    assert transport.writes == [b"headbody", b"next"]


async def test_a_long_answer_does_not_wait_for_the_turn_to_end():
    transport = Recorded()
    joined = wire.Joined(transport, asyncio.get_running_loop(), lambda: False)
    for _ in range(3):
        joined.write(b"x" * wire.MAX_JOINED)
        joined.write(b"y")

    assert transport.writes == [b"x" * wire.MAX_JOINED + b"y"] * 3


async def test_an_answer_is_sent_whole(monkeypatch, connect):
    sent = []
    flush = wire.Joined.flush

    def noted(joined):
        if joined._parts:
            sent.append(len(joined._parts))
        flush(joined)

    monkeypatch.setattr(wire.Joined, "flush", noted)
    async with connect() as connection:
        assert await connection.ask(b"GET /x HTTP/1.1\r\n" + HOST + b"content-length: 2\r\n\r\nhi") == (200, b"hi")
        await connection.send(b"HEAD /x HTTP/1.1\r\n" + HOST + b"\r\n")
        assert (await connection.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")

    assert sent == [2, 1]  # headers and body in one; headers alone


@pytest.fixture
def protocols(monkeypatch):
    """Those of all connections; each closes an idle one after a minute."""
    made, found = wire.Protocol.connection_made, []

    def connection_made(protocol, transport):
        made(protocol, transport)
        protocol.timeout_keep_alive = 60
        found.append(protocol)

    monkeypatch.setattr(wire.Protocol, "connection_made", connection_made)
    return found


def let_a_minute_pass(protocol):
    """Its timer is due."""
    protocol.timeout_keep_alive_task.cancel()
    protocol._quiet_since -= 60
    protocol.timeout_keep_alive_handler()


async def until(happened):
    for _ in range(1000):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it has not happened")


async def test_an_idle_connection_is_closed_a_minute_after_its_last_answer(protocols, connect):
    async with connect() as connection:
        for _ in range(3):
            assert await connection.ask(b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n") == (200, b"")
            protocols[0].timeout_keep_alive_handler()  # the timer of an answer before this one
        let_a_minute_pass(protocols[0])
        assert await connection.rest() == b""


async def test_a_connection_on_which_a_request_arrives_is_not_idle(protocols, connect):
    async with connect() as connection:
        assert await connection.ask(b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n") == (200, b"")
        for part, rest in ((b"GET /x HT", b"TP/1.1\r\n" + HOST + b"\r\n"), (b"GET /x HTTP/1.1\r\n", HOST + b"\r\n")):
            await connection.send(part)
            await until(lambda: protocols[0]._arrival is not None)
            let_a_minute_pass(protocols[0])
            assert await connection.ask(rest) == (200, b"")


async def test_a_connection_with_a_slow_answer_is_not_idle(protocols, connect):
    async with connect() as connection:
        assert await connection.ask(b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n") == (200, b"")
        await connection.send(b"POST /x HTTP/1.1\r\n" + HOST + b"content-length: 2\r\n\r\nh")
        await until(lambda: not protocols[0].cycle.response_complete)
        let_a_minute_pass(protocols[0])
        assert await connection.ask(b"i") == (200, b"hi")
