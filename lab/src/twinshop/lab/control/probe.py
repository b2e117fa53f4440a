"""Looking at one shop every second, as a visitor and as its operator."""

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any, Literal, Self

import aiohttp

from twinshop.lab.control.timing import parsed
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import LabError

PAGE_SECONDS = 3.0
READY_SECONDS = 1.0
LANGUAGE = "es"
"""The page is asked for in Spanish, so that it needs the translator."""

Health = Literal["ready", "not ready", "slow", "silent", "down"]
"""`silent`: it accepts connections and does not answer; `down`: no process listens; `not ready`: it says so itself."""
SLOW_SECONDS = 0.5


class Probe:
    """Of one environment; use as an async context manager."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._sku: str | None = None
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
        """A product page: whether it came, in which language, what it says is missing, and how it was made."""
        assert self._http is not None
        since = time.perf_counter()
        try:
            sku = await self._known_sku()
            url = f"{self.environment.url}/product/{sku}?lang={LANGUAGE}"
            async with self._http.get(url) as response:
                text = await response.text()
                timing = parsed(response.headers.get("server-timing", ""))
        except (aiohttp.ClientError, TimeoutError, OSError, KeyError, IndexError) as error:
            took = round((time.perf_counter() - since) * 1e3)
            return {"status": 0, "ms": took, "error": type(error).__name__, "calls": [], "notices": []}
        notices = re.findall(r'<p class="notice[^"]*"[^>]*>(.*?)</p>', text, re.DOTALL)
        return {
            "status": response.status,
            "ms": round((time.perf_counter() - since) * 1e3),
            "total": timing.total,
            "translated": response.status == 200 and not notices,  # noqa: PLR2004
            "notices": [re.sub(r"<[^>]+>|\s+", " ", notice).strip() for notice in notices],
            "calls": [
                {"component": call.component, "operation": call.operation, "start": call.start, "ms": call.duration}
                for call in timing.calls
            ],
        }

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
