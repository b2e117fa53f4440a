"""
HTTP/1.1 as this server speaks it: uvicorn's fast protocol, with limits and without upgrades.

uvicorn leaves three things to a proxy that need not be there: how long and how large a request may be while it arrives,
and an `Upgrade` that the server does not know. Parsed by httptools, the body of such a request is taken for the next
request (Kludex/uvicorn#2722), which is request smuggling. Here an upgrade is ignored, as RFC 9110 (section 7.8) allows.

It also answers what is not a request at once, in the middle of the answer to the request before, and then closes a
connection on which more arrives, so that TCP drops the answer. Here such an answer has its turn, and is delivered.
"""

import re
from asyncio import AbstractEventLoop, TimerHandle, Transport
from collections import deque
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from twinshop.kit.problems import MEDIA_TYPE, Problem
from twinshop.kit.settings import ServerSettings

MAX_HEAD = 32 * 1024
"""Of the request line and the headers, in bytes; the edge in front allows 16 KiB."""
MAX_JOINED = 64 * 1024
"""Bytes that wait for more to be written: an answer of any length is still paused when its client does not read."""
AGAIN_SECONDS = 1.0
"""Pause between two looks whether the answer to a request that did not arrive is complete."""
LINGER_SECONDS = 2.0
"""How long a client that is still sending has to read the last answer and to close the connection itself."""
MAX_FRAMING = 8
"""Bytes sent for each byte of a body: a chunk of one byte takes six."""
VERSIONS = ("1.1", "1.0")
_ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
"""A target that begins with a scheme and an authority."""
_OF_THE_CONNECTION = frozenset({b"connection", b"upgrade", b"http2-settings"})


@cache
def _settings() -> ServerSettings:
    return ServerSettings()


class Joined:
    """
    A transport that sends what is written in one turn of the event loop together.

    uvicorn writes an answer's headers and its body apart: a system call more for the server and a wake-up more for its
    client, together a twentieth of what a call between components costs.
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop, lingers: Callable[[], bool]) -> None:
        """`lingers` tells, when the connection is to be closed, whether the client is in the middle of a request."""
        self._transport = transport
        self._loop = loop
        self._lingers = lingers
        self._parts: list[bytes] = []
        self._size = 0
        self.closed = False
        """Nothing is written any more, and nothing that arrives is of interest."""

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size > MAX_JOINED:
            self.flush()

    def flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            self._size = 0
            if not self.is_closing():
                self._transport.write(data)

    def close(self) -> None:
        """
        Close the connection, in stages while the client is sending (RFC 9112, section 9.6).

        A connection that is closed before all that arrived was read is reset, and the client loses the last answer.
        """
        if self.is_closing():
            return
        self.flush()
        self.closed = True
        if self._lingers() and self._transport.can_write_eof():
            self._transport.write_eof()
            self._loop.call_later(LINGER_SECONDS, self._transport.close)
        else:
            self._transport.close()

    def is_closing(self) -> bool:
        return self.closed or self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the transport's own
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **options)
        self._limits = _settings()
        self._arriving = True  # a request has begun, or is awaited on a new connection, and is not complete
        self._heading = True  # its headers are not complete
        self._read = self._chunk = 0
        self._arrival: TimerHandle | None = None
        self._departure: TimerHandle | None = None
        self._quiet_since = 0.0
        self._refusal: bytes | None = None
        """Answer to what is not a request, which waits for the answers to the requests before it."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        self._answers = Joined(transport, self.loop, self._lingers)
        super().connection_made(cast("Transport", self._answers))
        self._watch(self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._arrival, self._departure, self.timeout_keep_alive_task):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._answers.closed or self._refusal is not None:
            return
        self._chunk = len(data)
        self._read += self._chunk
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if self._is_huge() else HTTPStatus.BAD_REQUEST)
            return
        if self._arriving:
            if self._heading and self._is_huge():
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            elif self._read > MAX_HEAD + MAX_FRAMING * self._limits.max_body:  # the edge sees only the body in it
                self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            elif self._arrival is None:
                self._watch(self._limits.header_seconds if self._heading else self._limits.body_seconds)
        elif self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._arriving = self._heading = True
        self._read = self._chunk
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def on_headers_complete(self) -> None:
        if self._read > MAX_HEAD and self._is_huge():
            raise ValueError("the headers are too large")
        version = self.parser.get_http_version()
        if version not in VERSIONS:
            raise ValueError("another version of HTTP")
        if self.parser.should_upgrade():
            return  # `data_received` is about to parse it again, as an ordinary request
        if version == "1.0":
            self.expect_100_continue = False  # a client of that version knows no interim answers
        if not self.url.startswith(b"/"):
            self._take_host_of_target()
        super().on_headers_complete()
        self._heading = False
        self.headers = deque(maxlen=0)  # type: ignore[assignment] # trailers, which nothing here looks at: drop them

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            self._arriving = False
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """
        As uvicorn's, but a timer of the keep-alive timeout that is running stays and looks at the time when it is due.

        uvicorn cancels it at each request and sets another: uvloop takes as long for that as for writing the answer.
        """
        self._answers.flush()
        if self._refusal is not None and not self.pipeline:
            self._end(self._refusal)
            return
        self._quiet_since = self.loop.time()
        if self.timeout_keep_alive_task is None or self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _unset_keepalive_if_required(self) -> None:
        """Uvicorn calls it when a request arrives."""

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self.cycle is not None and not self.cycle.response_complete:
            return  # the end of this answer sets the next timer
        rest = self._quiet_since + self.timeout_keep_alive - self.loop.time()
        if rest > 0:
            self.timeout_keep_alive_task = self.loop.call_later(rest, self.timeout_keep_alive_handler)
        elif self._arrival is None:  # else a request is on its way, which has a limit of its own
            super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._departure = self.loop.call_later(self._limits.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._departure is not None:
            self._departure.cancel()
            self._departure = None

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Give the parser the same request without the headers of the connection: they are what made it an upgrade."""
        method = self.parser.get_method()
        if method == b"CONNECT":  # an upgrade whatever its headers say, and no server is a proxy
            self._refuse(HTTPStatus.NOT_IMPLEMENTED)
            return
        kept = [(name, value) for name, value in self.headers if name not in _OF_THE_CONNECTION]
        if not self.parser.should_keep_alive():
            kept.append((b"connection", b"close"))
        lines = [b"%s %s HTTP/%s" % (method, self.url, self.parser.get_http_version().encode())]
        lines += [b"%s: %s" % header for header in kept]
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _is_huge(self) -> bool:
        """Whether the head is too large; `_read` alone counts what follows it in the same packet, too."""
        if self._heading and self._read > self._chunk:  # it takes more than one packet: all of them are its own
            return self._read > MAX_HEAD
        return sum((len(name) + len(value) + 4 for name, value in self.headers or ()), len(self.url)) > MAX_HEAD

    def _watch(self, seconds: float) -> None:
        self._arrival = self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._arrival = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._watch(AGAIN_SECONDS)  # the edge limits the body that an answer waits for
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _lingers(self) -> bool:
        """Whether a request has begun and is not complete; the rest is read, so that it can be dropped."""
        if not self._arriving or not self._read:
            return False
        self.flow.resume_reading()
        return True

    def _take_host_of_target(self) -> None:
        """The host in a target counts, and not that of the header (RFC 9112, section 3.2.2)."""
        absolute = _ABSOLUTE.fullmatch(self.url)
        if absolute is not None:
            host, rest = absolute.groups()
            self.url = rest if rest.startswith(b"/") else b"/" + rest
            self.headers[:] = [(name, host if name == b"host" else value) for name, value in self.headers]

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer something that is not a request, once those before it are answered, and close the connection."""
        code = status.phrase.lower().replace(" ", "-")
        body = Problem(status, code, status.phrase, status.description or status.phrase).body()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None
        if self._heading or not self._arriving:
            waits = self.cycle is not None and not self.cycle.response_complete
        elif self.pipeline:  # the body of a request that was not passed on
            self.pipeline.popleft()
            waits = True
        elif self.cycle.response_started:  # a second answer would be taken for a part of the first, or of another's
            self.transport.close()
            return
        else:
            waits = False
        if waits:
            self._refusal = head.encode() + body
        else:
            self._end(head.encode() + body)

    def _end(self, refusal: bytes) -> None:
        self.transport.write(refusal)
        self.transport.close()
