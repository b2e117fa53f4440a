"""
A shop of one page, which takes as long as it is told to: what the generator itself is measured against.

    python -m twinshop.lab.load.crosscheck.target 8999 --median-ms 20 --sigma 0.5

It looks like a Twinshop to the journey `translate`, and to nothing else. It notes how long each page took from the
request to the answer; `/served` tells these times, in milliseconds, and forgets them.
"""

import argparse
import asyncio
import json
import random
from functools import partial
from time import monotonic
from typing import cast

import uvloop

NAMES = {"en": "Red teapot", "es": "Tetera roja"}
LEADS = {"en": "Holds a litre.", "es": "Para un litro."}
BUTTONS = {"en": "Add to cart", "es": "Añadir a la cesta"}
PRICE, SKU = 2950, "KIT-001"
PAGE_BYTES = 10_000
"""As many as a product's page of the real shop has."""


def page(language: str) -> bytes:
    text = (
        f'<!doctype html><html lang="{language}"><body><h1>{NAMES[language]}</h1>'
        f'<p class="product-price"><strong>{PRICE / 100:.2f}</strong></p><p class="lead">{LEADS[language]}</p>'
        f"<button>{BUTTONS[language]}</button>"
    ).encode()
    return text + b" " * (PAGE_BYTES - len(text))


def products(language: str) -> bytes:
    category = {"slug": "kitchen", "name": "Kitchen"}
    item = {"sku": SKU, "name": NAMES[language], "description": LEADS[language], "category": "kitchen"}
    items = [{**item, "price": {"amount": PRICE}, "available": 1}]
    return json.dumps(
        {"items": items, "total": 1, "page": 1, "pages": 1, "categories": [category], "translated": True}
    ).encode()


def answer(body: bytes, kind: str = "text/html; charset=utf-8") -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


class Service:
    """
    When an answer is due.

    Independent of each other and log-normal, however many at a time; or exponential, one at a time as they come.
    """

    def __init__(self, median_ms: float, sigma: float, serial_ms: float, seed: int) -> None:
        self._median, self._sigma, self._serial = median_ms / 1e3, sigma, serial_ms / 1e3
        self._draw = random.Random(seed)  # noqa: S311 - reproducible
        self._free = 0.0

    def due(self, now: float) -> float:
        if self._serial:
            self._free = max(self._free, now) + self._draw.expovariate(1 / self._serial)
            return self._free
        return now + (self._median * self._draw.lognormvariate(0, self._sigma) if self._median else 0.0)


class Target(asyncio.Protocol):
    """One connection. `mute`: pages are asked for, and never come."""

    def __init__(self, service: Service, served: list[float], *, mute: bool) -> None:
        self._service, self._served, self._mute = service, served, mute
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without inheriting from it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._asked(head.decode("latin-1"))

    def _asked(self, head: str) -> None:
        path = head.split(" ", 2)[1]
        if path == "/served":
            self._send(answer(json.dumps(self._served).encode(), "application/json"))
            self._served.clear()
        elif path.startswith("/api/products"):
            self._send(answer(products("es" if "lang=es" in path else "en"), "application/json"))
        elif not self._mute:
            now, language = monotonic(), "es" if "accept-language: es" in head.lower() else "en"
            due = self._service.due(now)
            if due <= now:
                self._page(language, now)
            else:
                asyncio.get_running_loop().call_later(due - now, self._page, language, now)

    def _page(self, language: str, since: float) -> None:
        self._send(PAGES[language])
        self._served.append((monotonic() - since) * 1e3)

    def _send(self, whole: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(whole)


PAGES = {language: answer(page(language)) for language in NAMES}


async def serve(port: int, service: Service, *, mute: bool) -> None:
    served: list[float] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(Target, service, served, mute=mute), "127.0.0.1", port, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - for a caller that asked for any free port
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int, help="0: any that is free")
    parser.add_argument("--median-ms", type=float, default=0.0, help="of a page; 0: at once")
    parser.add_argument("--sigma", type=float, default=0.5, help="of the logarithm of a page's time")
    parser.add_argument("--serial-ms", type=float, default=0.0, help="mean time of a page, one page at a time")
    parser.add_argument("--mute", action="store_true", help="never send a page")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    service = Service(given.median_ms, given.sigma, given.serial_ms, given.seed)
    uvloop.run(serve(given.port, service, mute=given.mute))


if __name__ == "__main__":
    main()
