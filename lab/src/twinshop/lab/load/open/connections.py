"""
The HTTP client of the open load: the parts that Locust's FastHttpUser is made of (geventhttpclient).

All sessions share one pool of kept connections; a session's own are only its cookies. A request costs 29 µs of CPU
time in this process. With one session of FastHttpUser for all it is 68 µs, with one for each visitor 77 µs, and with
connections of its own as well, a Locust user's default, 244 µs.
"""

import json
import struct
import sys
import time
from functools import cached_property
from math import nan
from typing import Any
from urllib.parse import urlsplit

import gevent
from gevent import socket
from geventhttpclient.connectionpool import ConnectionPool
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError, HTTPSocketPoolResponse

BLOCK_BYTES = 65536
SO_TIMESTAMPNS = 35
"""Linux (asm-generic/socket.h); Python does not name it. The message that carries a stamp has the same number."""
_STAMP = struct.Struct("@ll")
_ROOM = socket.CMSG_SPACE(_STAMP.size)


class NoAnswer(Exception):
    """In words that do not depend on the request, so that they can be counted."""


class Answer:
    """
    A whole answer.

    `degraded` is for its reader to set: the page says that a part of the shop is down. `late`: how many seconds its
    last bytes had been there before they were read; NaN where the kernel does not tell.
    """

    def __init__(self, status: int, headers: Any, body: bytes, late: float = nan) -> None:  # noqa: ANN401 - a mapping
        self.status, self.headers, self.body, self.late = status, headers, body, late
        self.degraded = False

    @cached_property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.body)


class _Socket(socket.socket):  # type: ignore[misc]  # gevent has no types
    """
    Knows how late it was read: the kernel stamps what arrives, whatever this process does at the time.

    A generator that does not run, or is busy with other sessions, reads answers late, which looks like a slow shop.
    The stamp (SO_TIMESTAMPNS, socket(7)) is that of the last bytes read; it costs 2 µs a read.
    """

    late = nan

    def stamped(self) -> "_Socket":
        """Return this socket, which asks for stamps where the kernel has them."""
        if sys.platform == "linux":
            self.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        return self

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read as any socket does."""
        data: bytes
        data, told, _, _ = self.recvmsg(size, _ROOM, flags)
        now = time.time()
        self.late = nan
        for level, kind, stamp in told:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = _STAMP.unpack_from(stamp)
                self.late = max(0.0, now - seconds - nanoseconds / 1e9)
        return data


class _Pool(ConnectionPool):
    """Looks the address up once: a look-up for each connection is a thread's work."""

    newest: Any = None
    _found: Any = None

    def _resolve(self) -> Any:  # noqa: ANN401
        if self._found is None:
            self._found = sorted(super()._resolve(), key=lambda info: info[0] != socket.AF_INET)
        return self._found

    def _create_tcp_socket(self, family: int, socktype: int, protocol: int) -> Any:  # noqa: ANN401
        return _Socket(family, socktype, protocol).stamped()

    def _create_socket(self) -> Any:  # noqa: ANN401
        self.newest = super()._create_socket()
        return self.newest


class Connections:
    """To one shop; at most `size` at a time."""

    def __init__(self, url: str, size: int, timeout_seconds: float) -> None:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port or 80
        self._host = address.netloc
        self._seconds = timeout_seconds
        never: Any = None  # each request has a limit of its own
        self._pool = _Pool(host, port, host, port, size, network_timeout=never, connection_timeout=never)

    def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
        """
        One request and its whole answer; `headers` are lines that end in CR LF. Redirects are not followed.

        As browsers do, a GET is sent once more when a kept connection turns out to be closed. Raises NoAnswer.
        """
        length = f"content-length: {len(body)}\r\n" if body or method != "GET" else ""
        request = f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\n{headers}{length}\r\n".encode("latin-1") + body
        timeout = gevent.Timeout.start_new(self._seconds)
        try:
            while True:
                connection = self._pool.get_socket()
                kept, self._pool.newest = connection is not self._pool.newest, None
                try:
                    return self._send(connection, request, method)
                except (HTTPConnectionClosed, ConnectionError):
                    if method != "GET" or not kept:
                        raise
        except gevent.Timeout as error:
            if error is not timeout:
                raise
            raise NoAnswer("timed out") from error
        except ConnectionRefusedError as error:
            raise NoAnswer("connection refused") from error
        except (OSError, HTTPConnectionClosed, HTTPParseError) as error:
            raise NoAnswer("connection broken") from error
        finally:
            timeout.close()

    def close(self) -> None:
        self._pool.close()

    def _send(self, connection: Any, request: bytes, method: str) -> Answer:  # noqa: ANN401 - gevent's socket
        try:
            connection.sendall(request)
        except BaseException:
            self._pool.release_socket(connection)
            raise
        # From here on the response gives the connection back, or closes it.
        response = HTTPSocketPoolResponse(connection, self._pool, block_size=BLOCK_BYTES, method=method)
        body = bytes(response.read())
        return Answer(response.get_code(), response.info(), body, connection.late)
