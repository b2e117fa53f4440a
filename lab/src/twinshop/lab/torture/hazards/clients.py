"""What clients do: many presses of one button, and connections that are read, or written, one byte after the other."""

import json
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

from twinshop.lab.torture.api import Hazard, Scene, Step

CLICKERS, CLICKS = 4, 8
SLOW = 60
"""Connections; a third of them reads from the edge, a third from storefronts, a third writes to the edge."""
READ_BYTES = 64
TURN_SECONDS = 0.1
CONNECT_SECONDS = 2.0
BUFFER_BYTES = 2048
QUESTION = b"GET /api/products?size=100 HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n"
BODY = json.dumps({"delivery": {}, "card": {}, "expected_total": None}).encode().ljust(2000)
HEADERS = f"host: shop\r\ncontent-type: application/json\r\nidempotency-key: slow\r\ncontent-length: {len(BODY)}"
ORDER = f"POST /api/orders HTTP/1.1\r\n{HEADERS}\r\n\r\n".encode()


def _clicked(scene: Scene, step: Step) -> str | None:
    bought = scene.crowd.burst(step.seed, CLICKERS, CLICKS)
    presses = sum(purchase.presses for purchase in bought)
    acknowledged = sum(len(purchase.orders) for purchase in bought)
    return f"{presses} presses, {acknowledged} orders" if presses > len(bought) else None


class _Slow:
    """A connection, and what is still to be written to it."""

    def __init__(self, url: str, first: bytes, later: bytes) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.settimeout(CONNECT_SECONDS)
        address = urlsplit(url)
        try:
            self._socket.connect((address.hostname or "", address.port or 80))
            self._socket.sendall(first)
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(0)
        self._later = later

    def go_on(self) -> int:
        """A few bytes more; how many."""
        with suppress(BlockingIOError, ConnectionError):
            if self._later:
                sent = self._socket.send(self._later[:1])
                self._later = self._later[sent:]
                return sent
            return len(self._socket.recv(READ_BYTES))
        return 0

    def close(self) -> None:
        self._socket.close()


def _consumed_slowly(scene: Scene, step: Step) -> str | None:
    fronts = list(scene.environment.control_urls(scene.front)) or [scene.environment.url]
    front, edge = fronts[step.seed % len(fronts)], scene.environment.url
    kinds = [(edge, QUESTION, b""), (front, QUESTION, b""), (edge, ORDER, BODY)]
    moved = 0
    with ExitStack() as stack:
        slow: list[_Slow] = []
        for number in range(SLOW):
            with suppress(OSError):
                each = _Slow(*kinds[number % len(kinds)])
                stack.callback(each.close)
                slow.append(each)
        end = time.monotonic() + step.seconds
        while time.monotonic() < end:
            moved += sum(each.go_on() for each in slow)
            time.sleep(TURN_SECONDS)
    return f"{len(slow)} connections, {moved} bytes in {step.seconds:g} s" if moved else None


HAZARDS: Sequence[Hazard] = (
    Hazard(
        name="double-clicks",
        does=f"{CLICKERS} shoppers press {CLICKS} times at once, at the edge and at every storefront.",
        recovery="It ends by itself.",
        keeps="One order and one charge for each shopper.",
        run=_clicked,
    ),
    Hazard(
        name="slow-consumers",
        does=f"{SLOW} connections are read, or written, a few bytes at a time.",
        recovery="They are closed.",
        keeps="Everybody else's orders.",
        run=_consumed_slowly,
    ),
)
