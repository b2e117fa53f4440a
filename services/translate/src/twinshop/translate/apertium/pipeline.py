"""A mode's programs, started at first use and kept running."""

import asyncio
import logging
from collections.abc import Sequence

from twinshop.kit.breaker import Breaker
from twinshop.translate.apertium.modes import Mode
from twinshop.translate.apertium.programs import Programs, ProgramsFailed
from twinshop.translate.turns import Turns

START_SECONDS = 30.0
"""For the programs to load their dictionaries: up to a second on an idle machine, much longer on a busy one."""

log = logging.getLogger(__name__)


class PipelineFailed(Exception):
    """The programs died, hung or answered something else; the next exchange restarts them."""


class NotInTime(Exception):
    """The pipeline has no fault, but the caller's time is over: it still starts, or others are before."""


class Pipeline:
    """
    One exchange at a time, finished even when the caller has gone, so that no answer can come to the wrong one.

    Programs that did not answer properly are never asked again, but killed. `patience` is the time in seconds in which
    they must answer.
    """

    def __init__(self, mode: Mode, *, patience: float) -> None:
        self.name = mode.name
        self._stages = mode.stages
        self._patience = patience
        self._programs: Programs | None = None
        self._turns = Turns()
        self._exchange: asyncio.Task[list[str]] | None = None
        self._closed = False
        self._breaker = Breaker()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the running programs, first to last."""
        return () if self._programs is None else self._programs.pids

    async def exchange(self, pieces: Sequence[str], deadline: float) -> list[str]:
        """What the pieces become, before `deadline` by the event loop's clock. Raises PipelineFailed or NotInTime."""
        if self._closed:
            raise NotInTime
        try:
            await self._turns.take(deadline)
        except TimeoutError as error:
            raise NotInTime from error
        exchange = asyncio.create_task(self._take_turn(pieces))
        exchange.add_done_callback(_noted)
        self._exchange = exchange
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(exchange)
        except TimeoutError as error:
            raise NotInTime from error

    async def close(self) -> None:
        """Leave no process behind, and start none again."""
        self._closed = True
        await self._kill()
        if self._exchange is not None:
            await asyncio.wait([self._exchange])

    async def _take_turn(self, pieces: Sequence[str]) -> list[str]:
        try:
            programs = self._programs or await self._start()
            async with asyncio.timeout(self._patience):
                answers = await programs.exchange(pieces)
        except (OSError, TimeoutError, ProgramsFailed) as error:
            await self._failed(error)
            raise PipelineFailed(str(error)) from error
        except BaseException:
            await self._kill()  # the event loop is being stopped: the answer will never be read
            raise
        else:
            self._breaker.succeeded()
            return answers
        finally:
            self._turns.end()

    async def _start(self) -> Programs:
        """The programs, ready: they have answered for the first time."""
        if self._closed or not self._breaker.allows():
            raise ProgramsFailed("it is closed, or keeps failing")
        self._programs = programs = await Programs.start(self._stages)
        if self._closed:  # meanwhile
            raise ProgramsFailed("it is closed")
        async with asyncio.timeout(START_SECONDS):
            await programs.exchange([])
        return programs

    async def _failed(self, error: Exception) -> None:
        if not self._closed:
            self._breaker.failed()
            log.warning("Apertium pipeline %s failed: %s", self.name, str(error) or "it does not answer")
        await self._kill()

    async def _kill(self) -> None:
        programs, self._programs = self._programs, None
        if programs is not None:
            await programs.kill()


def _noted(exchange: "asyncio.Task[list[str]]") -> None:
    """Look at the outcome, because the caller may have gone: its failure is logged already."""
    if not exchange.cancelled():
        exchange.exception()
