"""A mode's programs, started once and kept: pieces of text go in, each ended by a NUL, and come out the same way."""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import subprocess
from collections.abc import Sequence

from twinshop.kit.breaker import Breaker
from twinshop.translate.apertium.modes import Mode

MAX_WAITING = 32
"""Callers in the queue for one pipeline; the next one is refused at once."""
START_SECONDS = 30.0
"""For the programs to load their dictionaries: up to a second on an idle machine, much longer on a busy one."""
MAX_ANSWER = 1024 * 1024
"""Bytes of one piece; more is no translation."""
_NUL = b"\0"

log = logging.getLogger(__name__)


class PipelineFailed(Exception):
    """The programs died, hung or answered something else; the next exchange starts them anew."""


class NotInTime(Exception):
    """The pipeline has no fault, but its turn did not come: it still starts, or others are before."""


class Pipeline:
    """
    One exchange at a time. A pipeline that has been asked and has not answered properly is never asked again, but
    killed: no answer can come to the wrong caller.
    """

    def __init__(self, mode: Mode) -> None:
        self.name = mode.name
        self._stages = mode.stages
        self._programs: _Programs | None = None
        self._starting: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._breaker = Breaker()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the running programs, first to last."""
        return () if self._programs is None else self._programs.pids

    async def exchange(self, pieces: Sequence[str], seconds: float) -> list[str]:
        """
        What the pieces become. Raises PipelineFailed, or NotInTime.

        `seconds` bounds the wait for the turn as well as the answer.
        """
        if self._waiting >= MAX_WAITING:
            raise NotInTime
        deadline = asyncio.get_running_loop().time() + seconds
        self._waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await self._turn.acquire()
        except TimeoutError as error:
            raise NotInTime from error
        finally:
            self._waiting -= 1
        try:
            return await self._ask(await self._started(deadline), pieces, deadline)
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Leave no process behind."""
        self._kill()
        if self._starting is not None:
            await self._starting
        self._kill()

    async def _started(self, deadline: float) -> "_Programs":
        """The running programs. Their start outlives a caller who cannot wait for it: the next one finds them ready."""
        if self._starting is None:
            if self._programs is not None:
                return self._programs
            if not self._breaker.allows():
                raise PipelineFailed("it keeps failing")
            self._starting = asyncio.create_task(self._start())
        try:
            async with asyncio.timeout_at(deadline):
                await asyncio.shield(self._starting)
        except TimeoutError as error:
            raise NotInTime from error
        if self._programs is None:
            raise PipelineFailed("it did not start")
        return self._programs

    async def _start(self) -> None:
        """Ready when it has answered for the first time; on failure `_programs` is None again."""
        try:
            self._programs = await _Programs.start(self._stages)
            async with asyncio.timeout(START_SECONDS):
                await self._programs.exchange([])
        except (OSError, TimeoutError, PipelineFailed) as error:
            self._failed(error)
        finally:
            self._starting = None

    async def _ask(self, programs: "_Programs", pieces: Sequence[str], deadline: float) -> list[str]:
        try:
            async with asyncio.timeout_at(deadline):
                answers = await programs.exchange(pieces)
        except (TimeoutError, PipelineFailed) as error:
            self._failed(error)
            raise PipelineFailed(str(error)) from error
        except BaseException:
            self._kill()  # the caller has gone; nobody will read the answer
            raise
        self._breaker.succeeded()
        return answers

    def _failed(self, error: Exception) -> None:
        self._breaker.failed()
        log.warning("Apertium pipeline %s is started anew: %s", self.name, str(error) or "it does not answer")
        self._kill()

    def _kill(self) -> None:
        if self._programs is not None:
            self._programs.kill()
            self._programs = None


class _Programs:
    """The processes of a pipeline, in a process group of their own, and the two ends of it."""

    def __init__(
        self,
        processes: Sequence["subprocess.Popen[bytes]"],
        reader: asyncio.StreamReader,
        writer: asyncio.WriteTransport,
        source: asyncio.ReadTransport,
    ) -> None:
        self._processes = processes
        self._reader = reader
        self._writer = writer
        self._source = source

    @classmethod
    async def start(cls, stages: Sequence[Sequence[str]]) -> "_Programs":
        # Plain processes, because asyncio's cannot be piped into each other; in a thread, because a dozen take 10 ms.
        processes = await asyncio.to_thread(_spawn, stages)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_ANSWER)
        source, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), processes[-1].stdout)
        writer, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, processes[0].stdin)
        return cls(processes, reader, writer, source)

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(process.pid for process in self._processes)

    async def exchange(self, pieces: Sequence[str]) -> list[str]:
        """The answers; after them an end mark that no text can hold proves that they are all there, and no others."""
        mark = f"[{secrets.token_hex(8)}]".encode()
        sent = [*(piece.encode() for piece in pieces), mark]
        self._writer.write(b"".join(piece + _NUL for piece in sent))
        answers: list[bytes] = []
        while len(answers) < len(sent):
            try:
                answers.append((await self._reader.readuntil(_NUL)).removesuffix(_NUL))
            except asyncio.IncompleteReadError as error:
                raise PipelineFailed("a program ended") from error
            except asyncio.LimitOverrunError as error:
                raise PipelineFailed("the answer has no end") from error
        if answers.pop() != mark or any(mark in answer for answer in answers):
            raise PipelineFailed("the answers do not fit the texts")
        try:
            return [answer.decode() for answer in answers]
        except UnicodeDecodeError as error:
            raise PipelineFailed("the answer is not UTF-8") from error

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._processes[0].pid, signal.SIGKILL)
        self._writer.abort()
        self._source.close()
        for process in self._processes:
            process.wait()  # at once: they are killed, and not waiting for a disk


def _spawn(stages: Sequence[Sequence[str]]) -> list["subprocess.Popen[bytes]"]:
    processes: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        for stage in stages:
            last = processes[-1].stdout if processes else None
            process = subprocess.Popen(  # noqa: S603 - the command lines are those of the installed mode files
                stage,
                stdin=subprocess.PIPE if last is None else last,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                process_group=processes[0].pid if processes else 0,  # a terminal's ^C is for us, not for them
            )
            if last is not None:
                last.close()  # so that a program's end is felt on both sides
            processes.append(process)
    except OSError:
        for process in processes:
            process.kill()
            process.wait()
        raise
    return processes
