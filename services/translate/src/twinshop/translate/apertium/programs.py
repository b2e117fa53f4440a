"""The processes of a pipeline: pieces of text go in, each ended by a NUL, and come out the same way."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
from collections.abc import Sequence

MAX_ANSWER = 1024 * 1024
"""Bytes of one piece; more is no translation."""
_NUL = b"\0"


class ProgramsFailed(Exception):
    """The programs died, or answered something else."""


class Programs:
    """A process each, in one process group, and the two ends of the pipe through them."""

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
    async def start(cls, stages: Sequence[Sequence[str]]) -> "Programs":
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
                raise ProgramsFailed("a program ended") from error
            except asyncio.LimitOverrunError as error:
                raise ProgramsFailed("the answer has no end") from error
        if answers.pop() != mark or any(mark in answer for answer in answers):
            raise ProgramsFailed("the answers do not fit the texts")
        try:
            return [answer.decode() for answer in answers]
        except UnicodeDecodeError as error:
            raise ProgramsFailed("the answer is not UTF-8") from error

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._processes[0].pid, signal.SIGKILL)
        if not self._writer.is_closing():  # it closes by itself when the first program dies
            self._writer.abort()
        self._source.close()
        await asyncio.to_thread(_reap, self._processes)


def _reap(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        process.wait()


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
        _reap(processes)
        raise
    return processes
