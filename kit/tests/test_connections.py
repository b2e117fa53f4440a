"""Connections to components, against servers that answer in pieces, wrongly, late, or not at all."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager, suppress

import pytest
import uvloop

from twinshop.kit import connections
from twinshop.kit.connections import (
    AnswerTooLargeError,
    ConnectDeadlineError,
    Connections,
    DeadlineError,
    Origin,
    TransportError,
    head,
)
from twinshop.testing.ports import free_port

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\ngo\r\n2;x=y\r\nod\r\n0\r\na: trailer\r\n\r\n"
SECONDS = 30


@pytest.fixture(
    params=[pytest.param(("asyncio", {}), id="asyncio"), pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop")]
)
def anyio_backend(request):
    return request.param


class Server:
    """Answers the requests of each connection by `answer(reader, writer)`; counts connections, open ones apart."""

    def __init__(self, answer):
        self._answer = answer
        self.requests, self.writers = [], []
        self.connections = self.open = 0
        self.left = asyncio.Event()
        self.tasks = set()

    async def __call__(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.writers.append(writer)
        self.connections += 1
        self.open += 1
        # RuntimeError: uvloop's, for a write to a connection that was lost in between
        with suppress(asyncio.IncompleteReadError, ConnectionError, RuntimeError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                length = int(request.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                self.requests.append(request + await reader.readexactly(length))
                await self._answer(reader, writer)
        writer.close()
        with suppress(ConnectionError, RuntimeError):
            await writer.wait_closed()
        self.open -= 1
        self.left.set()

    async def next_left(self):
        self.left.clear()
        await self.left.wait()


def giving(*answers):
    """Each request gets the next of these, in one piece; the last one again and again."""
    rest = list(answers)

    async def answer(reader, writer):
        writer.write(rest.pop(0) if len(rest) > 1 else rest[0])

    return Server(answer)


@asynccontextmanager
async def reached(server, tls=None):
    listening = await asyncio.start_server(server, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    try:
        async with Connections(SECONDS) as http:
            yield http, Origin.of(f"http://127.0.0.1:{port}")
    finally:
        listening.close()
        if server.tasks:
            await asyncio.wait(server.tasks)


def request(origin, method="GET", body=None):
    return head(origin, method, "/x", {}, body) + (body or b"")


async def ask(http, origin, seconds=SECONDS):
    return await http.exchange(origin, request(origin), seconds)


@pytest.mark.parametrize("whole", [OK, CHUNKED], ids=["length", "chunked"])
async def test_an_answer_may_come_in_pieces_of_any_size(whole):
    async def in_pieces(reader, writer):
        for byte in whole:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    server = Server(in_pieces)
    async with reached(server) as (http, origin):
        for _ in range(3):
            assert await ask(http, origin) == (200, b"good")

    assert server.connections == 1


async def test_a_request_has_what_its_server_needs():
    server = giving(OK)
    async with reached(server) as (http, origin):
        await http.exchange(origin, request(origin, "POST", b"{}"), SECONDS)
        await http.exchange(origin, request(origin, "PUT"), SECONDS)

    host = origin.authority.encode()
    assert server.requests == [
        b"POST /x HTTP/1.1\r\nhost: " + host + b"\r\ncontent-length: 2\r\n\r\n{}",
        b"PUT /x HTTP/1.1\r\nhost: " + host + b"\r\ncontent-length: 0\r\n\r\n",
    ]


@pytest.mark.parametrize("status", [204, 404, 500])
async def test_an_answer_may_have_no_body(status):
    server = giving(
        b"HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n" % status if status != 204 else b"HTTP/1.1 204 x\r\n\r\n"
    )
    async with reached(server) as (http, origin):
        assert await ask(http, origin) == (status, b"")
        assert await ask(http, origin) == (status, b"")

    assert server.connections == 1


async def test_an_interim_answer_is_not_the_answer():
    server = giving(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: <x>\r\n\r\n" + OK)
    async with reached(server) as (http, origin):
        assert await ask(http, origin) == (200, b"good")
        assert await ask(http, origin) == (200, b"good")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 9\r\n\r\ngood",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -4\r\n\r\ngood",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\ngood\r\n",
        b"HTTP/1.1 099 OK\r\ncontent-length: 4\r\n\r\ngood",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_an_error_and_the_connection_closed(answer):
    server = giving(answer)
    async with reached(server) as (http, origin):
        with pytest.raises(TransportError):
            await ask(http, origin)
        await server.left.wait()


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\ngood",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n",
        b"HTTP/1.1 200 OK\r\n\r\ngood",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
async def test_an_answer_that_is_cut_short_is_an_error(part):
    async def hang_up(reader, writer):
        writer.write(part)
        writer.close()

    async with reached(Server(hang_up)) as (http, origin):
        with pytest.raises(TransportError):
            await ask(http, origin)


@pytest.mark.parametrize("broken", ["headers", "body"])
async def test_an_answer_has_a_bound(monkeypatch, broken):
    monkeypatch.setattr(connections, "MAX_ANSWER", 10_000)

    async def without_end(reader, writer):
        writer.write(
            b"HTTP/1.1 200 OK\r\n" if broken == "headers" else b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n"
        )
        while not writer.is_closing():
            writer.write(b"a: b\r\n" if broken == "headers" else b"xxxxxx")
            await writer.drain()
            await asyncio.sleep(0)

    server = Server(without_end)
    async with reached(server) as (http, origin):
        with pytest.raises(AnswerTooLargeError):
            await ask(http, origin)
        await server.left.wait()


async def test_an_answer_as_long_as_the_bound_is_fine(monkeypatch):
    monkeypatch.setattr(connections, "MAX_ANSWER", len(OK))
    async with reached(giving(OK)) as (http, origin):
        for _ in range(2):
            assert await ask(http, origin) == (200, b"good")


@pytest.mark.parametrize(
    "drip",
    [b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 999, OK.replace(b"4", b"9999") + b"x" * 9999],
    ids=["headers", "body"],
)
async def test_an_answer_that_drips_ends_with_the_deadline(drip):
    async def slowly(reader, writer):
        if len(server.requests) == 1:
            writer.write(OK)
            return
        for byte in drip:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)

    server = Server(slowly)
    async with reached(server) as (http, origin):
        await ask(http, origin)  # connected: the deadline is that of the answer alone
        with pytest.raises(DeadlineError):
            await ask(http, origin, 0.1)
        await server.left.wait()


async def test_a_deadline_ends_no_later_call_on_the_same_connection():
    async def slow_second(reader, writer):
        if len(server.requests) == 2:
            await asyncio.sleep(0.4)
        writer.write(OK)

    server = Server(slow_second)
    async with reached(server) as (http, origin):
        with suppress(DeadlineError):  # on a very busy machine; the next call then has a new connection
            await ask(http, origin, 0.3)
        assert await ask(http, origin) == (200, b"good")


async def test_a_server_that_accepts_nothing_ends_with_the_deadline(unaccepting):
    async with Connections(0.1) as http:
        with pytest.raises(ConnectDeadlineError):
            await ask(http, Origin.of(unaccepting), 0.3)


async def test_nothing_that_listens_is_an_error_at_once():
    async with Connections(SECONDS) as http:
        with pytest.raises(TransportError):
            await ask(http, Origin.of(f"http://127.0.0.1:{free_port()}"))
        with pytest.raises(TransportError):
            await ask(http, Origin.of("http://nowhere.invalid"))


async def test_another_address_is_tried_if_the_first_one_refuses(monkeypatch):
    loop = asyncio.get_running_loop()
    server = giving(OK)

    async def two(host, port, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    class Names:
        """The loop, but for names."""

        def __getattr__(self, name):
            return two if name == "getaddrinfo" else getattr(loop, name)

    async with reached(server) as (http, origin):
        monkeypatch.setattr(asyncio, "get_running_loop", Names)
        assert await ask(http, origin) == (200, b"good")


async def test_a_cancelled_call_closes_its_connection():
    asked = asyncio.Event()

    async def never(reader, writer):
        asked.set()

    server = Server(never)
    async with reached(server) as (http, origin):
        call = asyncio.create_task(ask(http, origin))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.left.wait()


async def test_calls_at_once_have_a_connection_each_and_their_own_answers():
    calls, waiting, all_there = 20, [], asyncio.Event()

    async def echo(reader, writer):
        path = server.requests[-1].split()[1]  # read without a pause since it was added
        waiting.append(path)
        if len(waiting) == calls:
            all_there.set()
        await all_there.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(path), path))

    server = Server(echo)
    async with reached(server) as (http, origin):
        for _ in range(3):
            waiting.clear()
            all_there.clear()
            asked = [http.exchange(origin, head(origin, "GET", f"/{n}", {}, None), SECONDS) for n in range(calls)]
            assert await asyncio.gather(*asked) == [(200, b"/%d" % n) for n in range(calls)]

    assert server.connections == calls


async def test_no_more_than_so_many_idle_connections_are_kept(monkeypatch):
    monkeypatch.setattr(connections, "MAX_IDLE", 2)
    server = giving(OK)
    async with reached(server) as (http, origin):
        await asyncio.gather(*(ask(http, origin) for _ in range(8)))
        while server.open > 2:
            await server.next_left()
        await asyncio.gather(ask(http, origin), ask(http, origin))
        assert (server.connections, server.open) == (8, 2)


async def test_idle_connections_are_closed_after_a_while(monkeypatch):
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.05)
    server = giving(OK)
    async with reached(server) as (http, origin):
        await ask(http, origin)
        await server.left.wait()
        await ask(http, origin)

    assert server.connections == 2


async def test_a_connection_that_is_too_old_is_not_used(monkeypatch):
    server = giving(OK)
    async with reached(server) as (http, origin):
        await ask(http, origin)
        monkeypatch.setattr(connections, "IDLE_SECONDS", 0)  # and its end was not due before
        await ask(http, origin)

    assert server.connections == 2


@pytest.mark.parametrize(
    "last",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\ngood",
        b"HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\ngood",
        OK + b"more",
        OK + OK,
        OK + b"HTTP/1.1 2",
    ],
    ids=["close", "HTTP/1.0", "surplus", "two answers", "one and a half"],
)
async def test_a_connection_that_cannot_go_on_is_not_kept(last):
    server = giving(last, OK)
    async with reached(server) as (http, origin):
        assert await ask(http, origin) == (200, b"good")
        assert await ask(http, origin) == (200, b"good")

    assert server.connections == 2


async def test_a_connection_whose_request_is_not_all_sent_is_not_kept():
    answered = asyncio.Event()

    async def early(reader, writer):
        writer.write(OK)
        if len(server.requests) == 1:
            await answered.wait()
            raise ConnectionError("no more of the request is read")

    server = Server(early)
    endless = head(Origin.of("http://cart"), "POST", "/x", {"transfer-encoding": "chunked"}, None)
    endless = endless.replace(b"content-length: 0\r\n", b"") + b"x" * 20_000_000  # more than both ends buffer
    async with reached(server) as (http, origin):
        try:
            assert await http.exchange(origin, endless, SECONDS) == (200, b"good")
            assert await ask(http, origin) == (200, b"good")
        finally:
            answered.set()

    assert server.connections == 2


async def test_what_comes_unasked_closes_the_connection():
    server = giving(OK)
    async with reached(server) as (http, origin):
        await ask(http, origin)
        server.writers[0].write(OK.replace(b"good", b"evil"))
        await server.left.wait()
        assert await ask(http, origin) == (200, b"good")

    assert server.connections == 2


async def test_a_kept_connection_that_was_closed_is_not_used_again():
    server = giving(OK)
    async with reached(server) as (http, origin):
        await ask(http, origin)
        server.writers[0].close()
        await server.left.wait()
        await asyncio.sleep(0.05)  # the end of the connection reaches this side
        assert await ask(http, origin) == (200, b"good")


async def test_a_kept_connection_that_breaks_before_the_answer_is_an_error():
    async def one(reader, writer):
        if len(server.requests) == 1:
            writer.write(OK)
        else:
            writer.transport.abort()

    server = Server(one)
    async with reached(server) as (http, origin):
        await ask(http, origin)
        with pytest.raises(TransportError):
            await ask(http, origin)

    assert server.connections == 1


async def test_after_the_end_nothing_is_kept_and_nothing_connected():
    server = giving(OK)
    async with reached(server) as (http, origin):
        await ask(http, origin)
        await http.__aexit__(None, None, None)
        await server.left.wait()
        with pytest.raises(TransportError):
            await ask(http, origin)


async def test_a_call_under_way_at_the_end_still_gets_its_answer():
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def later(reader, writer):
        asked.set()
        await go_on.wait()
        writer.write(OK)

    server = Server(later)
    async with reached(server) as (http, origin):
        call = asyncio.create_task(ask(http, origin))
        await asked.wait()
        await http.__aexit__(None, None, None)
        go_on.set()
        assert await call == (200, b"good")
        await server.left.wait()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_another_event_loop_has_connections_of_its_own(run):
    http = Connections(SECONDS)

    async def once():
        server = giving(OK)
        listening = await asyncio.start_server(server, "127.0.0.1", 0)
        async with listening, http:
            origin = Origin.of(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
            await asyncio.gather(ask(http, origin), ask(http, origin))
            assert await ask(http, origin) == (200, b"good")
        await server.left.wait()

    for _ in range(2):
        run(once())


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_connections_of_a_loop_that_has_ended_are_not_used(run):
    http = Connections(SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = Origin.of(f"http://127.0.0.1:{listener.getsockname()[1]}")

        async def once():
            call = asyncio.create_task(ask(http, origin))
            listener.settimeout(0)
            connection, _ = await asyncio.get_running_loop().sock_accept(listener)
            with connection:
                await asyncio.get_running_loop().sock_recv(connection, 4096)
                await asyncio.get_running_loop().sock_sendall(connection, OK)
                assert await call == (200, b"good")

        for _ in range(2):
            run(once())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Files of a certificate for `localhost` and of its key."""
    folder = tmp_path_factory.mktemp("certificate")
    files = str(folder / "certificate.pem"), str(folder / "key.pem")
    options = ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *options]
    subprocess.run([*command, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the command openssl")
@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_must_be_that_of_the_host_and_trusted(monkeypatch, certificate, trusted):
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = giving(OK)
    async with reached(server, tls=context) as (http, origin):
        if trusted:
            secure = Origin.of(f"https://localhost:{origin.port}")
            assert await ask(http, secure) == (200, b"good")
            assert await ask(http, secure) == (200, b"good")
            assert server.connections == 1
            with pytest.raises(TransportError, match=r"127\.0\.0\.1"):
                await ask(http, Origin.of(f"https://127.0.0.1:{origin.port}"))
        else:
            with pytest.raises(TransportError, match="self-signed"):
                await ask(http, Origin.of(f"https://localhost:{origin.port}"))


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://cart:8000", ("cart", 8000, "cart:8000", "", False)),
        ("http://cart/", ("cart", 80, "cart", "", False)),
        ("https://gateway/shop/", ("gateway", 443, "gateway", "/shop", True)),
        ("http://[::1]:8000", ("::1", 8000, "[::1]:8000", "", False)),
        ("HTTP://Cart.shop.:8000", ("cart.shop.", 8000, "Cart.shop.:8000", "", False)),
    ],
)
def test_where_a_component_is(url, parts):
    origin = Origin.of(url)

    assert (origin.host, origin.port, origin.authority, origin.prefix, origin.tls) == parts


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cart:8000",
        "ftp://cart",
        "htps://cart:443",
        "http://",
        "http://cart:0",
        "http://cart..shop",
        "http://.cart",
        f"http://{'a' * 64}",
        "http://cart#x",
        "http://cart:none",
        "http://me@cart",
        "http://cart?x",
        "http://a b",
        "http://a\r\nb",
    ],
)
def test_what_is_no_url_of_a_component(url):
    with pytest.raises(ValueError, match="write http"):
        Origin.of(url)


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        ("/a b", {}),
        ("/a\r\nx: y", {}),
        ("/ä", {}),
        ("/", {"x-request-id": "1\r\ny: z"}),
        ("/", {"x-request-id": "1\0"}),
    ],
)
def test_a_request_cannot_be_split(target, fields):
    with pytest.raises(ValueError, match="printable"):
        head(Origin.of("http://cart"), "GET", target, fields, None)
