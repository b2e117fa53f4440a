"""
HTTP/1.1 connections to other processes of the shop, kept alive between calls.

Own code, because every call between components pays for it: the fastest library that we measured takes the caller
twice the CPU time (docs/benchmarks.md), for redirects, proxies, cookies, HTTP/2 and threads of its own, none of which a
component needs. The parser is httptools, which the server uses too.

Not done: HEAD and CONNECT. An answer has a `content-length` or is chunked; one that only ends with its connection could
be cut short unnoticed and counts as broken.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

import httptools

from twinshop.kit.deadline import within
from twinshop.kit.hosts import DEFAULT_PORTS

IDLE_SECONDS = 30
"""Connections idle for longer are closed by this side, well before the server would."""
MAX_IDLE = 100
"""Idle connections kept to one origin. How many calls run at once is not limited here."""
MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer, its headers included: far more than the longest list of a component has."""

Answer = tuple[int, bytes]
"""Status and body."""


class TransportError(Exception):
    """Raised when no complete answer came: nothing listens, the connection broke, or what came is not HTTP."""


class DeadlineError(Exception):
    """Raised when the whole call took longer than allowed."""


class ConnectDeadlineError(DeadlineError):
    """Raised when connecting took longer than allowed: nothing was sent."""


class AnswerTooLargeError(Exception):
    """Raised when an answer is longer than `MAX_ANSWER`."""


@dataclass(frozen=True)
class Origin:
    """Where a component is: the beginning of its URL."""

    host: str
    port: int
    authority: str
    """As the `host` header has it."""
    prefix: str
    """Path in front of each path of the component; without a slash at its end."""
    tls: bool

    @classmethod
    def of(cls, url: str) -> Self:
        """Raises ValueError unless the URL is `http[s]://host[:port][/prefix]`."""
        with suppress(ValueError, KeyError):  # the port is not a number, or the scheme another one
            parts = urlsplit(url)
            default = DEFAULT_PORTS[parts.scheme]
            host, port = parts.hostname or "", default if parts.port is None else parts.port
            more = "@" in parts.netloc or parts.query or parts.fragment
            if port and _can_be_resolved(host) and not more and _fits_a_line(url):
                return cls(host, port, parts.netloc, parts.path.rstrip("/"), parts.scheme == "https")
        raise ValueError(f"invalid URL of a component {url!r}: write http://host:port")

    @cached_property
    def context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context() if self.tls else None


def head(origin: Origin, method: str, target: str, fields: dict[str, str], body: bytes | None) -> bytes:
    """Return the request line and the headers; raises ValueError for what would not be one line each."""
    lines = [f"{method} {origin.prefix}{target} HTTP/1.1", f"host: {origin.authority}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    if body is not None:
        lines.append(f"content-length: {len(body)}")
    elif method != "GET":
        lines.append("content-length: 0")
    text = "\r\n".join(lines)
    if not text.isascii() or not all(map(str.isprintable, lines)) or " " in target:
        raise ValueError("a request's path and headers are printable ASCII, and its path has no spaces")
    return f"{text}\r\n\r\n".encode()


class Connections:
    """
    Keep-alive connections of one process, by origin.

    Belongs to the event loop that uses it. Use it as an async context manager, which closes what is idle at the end.
    """

    def __init__(self, connect_seconds: float) -> None:
        self._connect_seconds = connect_seconds
        self._idle: dict[Origin, list[_Connection]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        self._closed = False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()

    async def exchange(self, origin: Origin, request: bytes, timeout_seconds: float) -> Answer:
        """
        Send one request, which is complete, and return the answer.

        A connection is kept only after a complete answer to a request that was sent completely: that of a call which is
        cancelled or fails is closed. Raises TransportError, DeadlineError or AnswerTooLargeError.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # connections of a loop that has ended are of no use
            self._idle.clear()
            self._loop, self._sweep = loop, None
        try:
            async with within(timeout_seconds):
                connection = self._kept(origin, loop)
                if connection is None:
                    connection = await self._connect(origin, loop, min(self._connect_seconds, timeout_seconds))
                try:
                    return await connection.ask(request)
                finally:
                    self._release(origin, connection, loop)
        except TimeoutError as error:
            raise DeadlineError("the answer is not complete") from error

    def _kept(self, origin: Origin, loop: asyncio.AbstractEventLoop) -> "_Connection | None":
        """The connection that was used last, if it is open."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_open:
                if loop.time() - connection.idle_since < IDLE_SECONDS:
                    return connection
                connection.abort()
        return None

    def _release(self, origin: Origin, connection: "_Connection", loop: asyncio.AbstractEventLoop) -> None:
        idle = self._idle.setdefault(origin, [])
        if not connection.reusable or self._closed or len(idle) >= MAX_IDLE:
            connection.abort()
            return
        connection.idle_since = loop.time()
        idle.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(IDLE_SECONDS, self._close_old, loop)

    def _close_old(self, loop: asyncio.AbstractEventLoop) -> None:
        limit = loop.time() - IDLE_SECONDS
        for idle in self._idle.values():
            for connection in idle:
                if connection.idle_since <= limit:
                    connection.abort()
            idle[:] = [connection for connection in idle if connection.is_open]
        more = any(self._idle.values())
        self._sweep = loop.call_later(IDLE_SECONDS, self._close_old, loop) if more else None

    async def _connect(self, origin: Origin, loop: asyncio.AbstractEventLoop, seconds: float) -> "_Connection":
        if self._closed:
            raise TransportError("the connections are closed")
        try:
            async with asyncio.timeout(seconds) as limit:
                found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
                share = seconds / len(found)  # an address that does not answer leaves time for the others
                for number, (*_, address) in enumerate(found, 1):
                    try:
                        async with asyncio.timeout(share):
                            return await self._connect_to(origin, loop, str(address[0]))
                    except OSError:
                        if number == len(found):
                            raise
        except TimeoutError as error:
            if limit.expired() or error.errno is None:
                raise ConnectDeadlineError(f"no connection to {origin.authority} in time") from error
            raise TransportError(str(error)) from error
        except OSError as error:
            raise TransportError(str(error)) from error
        raise TransportError(f"{origin.host} has no address")

    async def _connect_to(self, origin: Origin, loop: asyncio.AbstractEventLoop, address: str) -> "_Connection":
        name = origin.host if origin.tls else None
        _, connection = await loop.create_connection(
            lambda: _Connection(loop), address, origin.port, ssl=origin.context, server_hostname=name
        )
        return connection


class _Connection(asyncio.Protocol):
    """One connection: one request at a time, and its answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.idle_since = 0.0
        self.reusable = False
        self._loop = loop
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Answer] | None = None
        self._parts: list[bytes] = []
        self._received = 0

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Return the answer to come."""
        answer = self._answer = self._loop.create_future()
        self.reusable = False
        self._parts, self._received = [], 0
        if self.is_open:
            self._transport.write(request)
        else:
            self._fail(TransportError("the connection is closed"))
        return answer

    def abort(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without inheriting from it

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        self._fail(
            TransportError("the connection was closed before the answer was complete" if exc is None else str(exc))
        )

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():  # nothing was asked
            self.reusable = False
            self._transport.abort()
            return
        self._received += len(data)
        if self._received > MAX_ANSWER:
            self._fail(AnswerTooLargeError(f"the answer is longer than {MAX_ANSWER} bytes"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.reusable = False  # even if the answer was complete before
            self._fail(TransportError(f"the answer is not HTTP: {error}"))

    def on_message_begin(self) -> None:
        self.reusable = False  # also where a second answer follows that nothing asked for

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._answer is None or self._answer.done():
            return
        if status >= HTTPStatus.OK:
            # A server may answer before it has read the request. What it then never reads would block the next one.
            self.reusable = self._parser.should_keep_alive() and not self._transport.get_write_buffer_size()
            self._answer.set_result((status, self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)))
        elif status < HTTPStatus.CONTINUE:
            self._fail(TransportError(f"the answer is not HTTP: invalid status {status}"))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def _can_be_resolved(host: str) -> bool:
    """Whether the labels of a name are as long as DNS has them: `getaddrinfo` raises a UnicodeError for any other."""
    return all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))  # noqa: PLR2004


def _fits_a_line(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
