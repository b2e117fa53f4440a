"""A visitor for the event loop of the lab itself: what the benchmark and the measurement of a start ask of a shop."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from itertools import cycle
from typing import Any

import aiohttp

from twinshop.shoppers.purchase import checkout
from twinshop.shoppers.wrong import Wrong

Visit = Callable[[], Awaitable[object]]


async def expect(response: aiohttp.ClientResponse, status: int, *texts: str) -> str:
    body = await response.text()
    missing = [text for text in texts if text not in body]
    if response.status != status or missing:
        raise Wrong(f"{response.url}: {response.status}, without {missing}: {body[:300]}")
    return body


class Visitor:
    """One visitor with a cookie and something in the cart, so that pages ask for it."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._products: list[dict[str, Any]] = []
        self._next = cycle([0])

    async def look(self) -> None:
        """A home page with products: one without them only says that the catalogue is not there yet."""
        async with self._http.get("/") as response:
            await expect(response, 200, "/product/")

    async def arrive(self) -> None:
        async with self._http.get("/api/products?size=24") as response:
            await expect(response, 200, "items")
            self._products = (await response.json())["items"]
        self._next = cycle(range(len(self._products)))
        await self.add()

    async def page(self, path: str, headers: Mapping[str, str], *texts: str) -> str:
        """
        Return the HTML of a page that shows these texts.

        Raises:
            Wrong: the page does not show them, or not to its end.
        """
        async with self._http.get(path, headers=headers) as response:
            return await expect(response, 200, *texts, "</html>")

    async def add(self) -> None:
        sku = self._products[next(self._next)]["sku"]
        async with self._http.post("/api/cart/lines", json={"sku": sku}) as response:
            await expect(response, 200, sku)

    async def check_out(self) -> None:
        """Pay for what is in the cart, after putting one piece into it: two requests."""
        await self.add()
        headers = {"Idempotency-Key": secrets.token_hex(12)}
        body = checkout()
        async with self._http.post("/api/orders", json=body, headers=headers) as response:
            await expect(response, 201, '"state":"paid"')
