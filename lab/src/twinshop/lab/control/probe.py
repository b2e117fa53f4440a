"""Looking at one shop every second, as a visitor and as its operator."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Self

import aiohttp

from twinshop.lab.control.calls import Calls, counted
from twinshop.lab.control.order import Placed, buy
from twinshop.lab.control.timing import parsed
from twinshop.lab.control.visits import Health
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import LabError

PAGE_SECONDS = 3.0
READY_SECONDS = 1.0
LANGUAGE = "es"
"""The page is asked for in Spanish, so that it needs the translator."""

SLOW_SECONDS = 0.5
PENDING_SECONDS = 1.5
"""A page that has not come after this time does not come, for the time being."""


class Probe:
    """Of one environment; use as an async context manager."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._sku: str | None = None
        self._asked: float | None = None
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)  # accepts cookies from an address without a name
        timeout = aiohttp.ClientTimeout(total=PAGE_SECONDS)
        self._http = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._http is not None
        await self._http.close()

    async def page(self) -> dict[str, Any]:
        """A product page: whether it came, and the calls that it waited for."""
        assert self._http is not None
        since = self._asked = time.perf_counter()
        try:
            sku = await self._known_sku()
            url = f"{self.environment.url}/product/{sku}?lang={LANGUAGE}"
            async with self._http.get(url) as response:
                await response.read()
                timing = parsed(response.headers.get("server-timing", ""))
        except (aiohttp.ClientError, TimeoutError, OSError, KeyError, IndexError) as error:
            took = round((time.perf_counter() - since) * 1e3)
            return {"status": 0, "ms": took, "error": type(error).__name__, "calls": []}
        finally:
            self._asked = None
        return {
            "status": response.status,
            "ms": round((time.perf_counter() - since) * 1e3),
            "total": timing.total,
            "calls": [
                {"component": call.component, "operation": call.operation, "start": call.start, "ms": call.duration}
                for call in timing.calls
            ],
        }

    async def order(self) -> Placed:
        """Buy the first product of the catalogue, as a new visitor."""
        try:
            sku = await self._known_sku()
        except (aiohttp.ClientError, TimeoutError, OSError, KeyError, IndexError) as error:
            return Placed(f"No catalogue: {type(error).__name__}")
        return await buy(self.environment.url, sku)

    def pending(self) -> bool:
        """Whether the page that was asked for last is overdue."""
        return self._asked is not None and time.perf_counter() - self._asked > PENDING_SECONDS

    async def calls(self) -> Mapping[str, Calls] | None:
        """Of the storefront, by component; None if one of its replicas does not tell."""
        assert self._http is not None
        part, timeout = self.environment.hosts("storefront"), aiohttp.ClientTimeout(total=READY_SECONDS)
        texts = []
        try:
            for url in self.environment.control_urls(part):
                async with self._http.get(f"{url}/metrics", timeout=timeout) as response:
                    texts.append(await response.text())
        except (aiohttp.ClientError, TimeoutError, OSError, LabError):
            return None
        return counted(texts)

    async def _known_sku(self) -> str:
        assert self._http is not None
        if self._sku is None:
            async with self._http.get(f"{self.environment.url}/api/products?size=1") as response:
                response.raise_for_status()
                self._sku = str((await response.json())["items"][0]["sku"])
        return self._sku

    async def health(self) -> Mapping[str, Health]:
        """Of each process of the shop."""
        names = [process.name for process in self.environment.shape.processes]
        states = await asyncio.gather(*(self._health(name) for name in names))
        return dict(zip(names, states, strict=True))

    async def _health(self, part: str) -> Health:
        assert self._http is not None
        try:
            (url, *_) = self.environment.control_urls(part)
        except (LabError, ValueError):
            return "down"
        since = time.perf_counter()
        timeout = aiohttp.ClientTimeout(total=READY_SECONDS)
        try:
            async with self._http.get(f"{url}/readyz", timeout=timeout) as response:
                if response.status != 200:  # noqa: PLR2004
                    return "not ready"
        except TimeoutError:
            return "silent"
        except (aiohttp.ClientError, OSError):
            return "down"
        return "slow" if time.perf_counter() - since > SLOW_SECONDS else "ready"
