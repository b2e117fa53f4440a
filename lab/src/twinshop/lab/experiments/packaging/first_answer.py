"""The first right answer of a translator that is just starting, and of the machine behind it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import aiohttp

from twinshop.lab.errors import ProvisionError

EVERY_SECONDS, EVERY_SHARE = 0.02, 0.02
"""An attempt is made every 20 ms, and when more than a second has passed, every 2 % of that."""
ATTEMPT_SECONDS = 2.0
"""Seconds for one attempt: a forwarded port accepts connections before a process listens behind it."""
MOST_ATTEMPTS = 8
"""At the same time: a slow component shall not be busy with them when it is up."""
LOOK_SECONDS = 0.5
"""Between two looks at whether the component still runs."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text in English, what its Spanish translation must hold, and where that must come from."""

    text: str
    holds: str
    origin: str

    @property
    def body(self) -> dict[str, Any]:
        return {"texts": [self.text], "source": "en", "target": "es"}

    def answered_by(self, translations: Any) -> bool:  # noqa: ANN401 - JSON
        (found,) = translations
        return bool(found["origin"] == self.origin and self.holds in found["text"])


MEMORY = Question("Kitchen", "Cocina", "memory")
ENGINE = Question("The house is red.", "casa", "engine")


def first_right_answer(url: str, seconds: float, ended: Callable[[], str | None]) -> float:
    """
    The moment of the first right answer from the memory, by `time.perf_counter`.

    Attempts do not wait for those before them: one that hangs hides nothing.

    Raises:
        LabError: there was none within `seconds`, or the component ended.
    """
    return asyncio.run(_first(url, seconds, ended))


async def _first(url: str, seconds: float, ended: Callable[[], str | None]) -> float:
    right: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    said = "no answer"

    async def attempt() -> None:
        nonlocal said
        try:
            async with http.post(f"{url}/translate/texts", json=MEMORY.body) as response:
                said = await response.text()
                if MEMORY.answered_by(await response.json()) and not right.done():
                    right.set_result(perf_counter())
        except (aiohttp.ClientError, OSError, ValueError, TypeError):  # TimeoutError is an OSError
            return

    attempts: set[asyncio.Task[None]] = set()
    since = looked = perf_counter()
    timeout, connector = aiohttp.ClientTimeout(total=ATTEMPT_SECONDS), aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as http:
        try:
            while not right.done():
                if len(attempts) < MOST_ATTEMPTS:
                    attempts.add(task := asyncio.create_task(attempt()))
                    task.add_done_callback(attempts.discard)
                now = perf_counter()
                await asyncio.wait([right], timeout=max(EVERY_SECONDS, EVERY_SHARE * (now - since)))
                if now - looked > LOOK_SECONDS:
                    looked = now
                    if why := ended():
                        raise ProvisionError(why)
                if now - since > seconds:
                    raise ProvisionError(f"No correct answer within {seconds:.0f} s, but {said[:200]}.")
        finally:
            for each in attempts:
                each.cancel()
            await asyncio.gather(*attempts, return_exceptions=True)
    return right.result()


def engine_answer(url: str, seconds: float) -> float | None:
    """
    Seconds until a text is answered that a machine must translate, the start of the machine included.

    None if the translator has no such machine.

    Raises:
        LabError: the answer is wrong, or did not come within `seconds`.
    """
    try:
        return asyncio.run(_engine(url, seconds))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ProvisionError(f"The engine did not answer within {seconds:.0f} s: {error}") from error


async def _engine(url: str, seconds: float) -> float | None:
    async with asyncio.timeout(seconds), aiohttp.ClientSession() as http:
        async with http.get(f"{url}/translate/pairs") as response:
            pairs = await response.json()
        if not any(each["engine"] and (each["source"], each["target"]) == ("en", "es") for each in pairs):
            return None
        since = perf_counter()
        async with http.post(f"{url}/translate/texts", json=ENGINE.body) as response:
            answer = await response.json()
        if not ENGINE.answered_by(answer):
            raise ProvisionError(f"The engine gave a wrong answer: {answer}")
        return perf_counter() - since
