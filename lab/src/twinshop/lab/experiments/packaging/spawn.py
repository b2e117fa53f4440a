"""Processes on chosen processors that never outlive the lab."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from twinshop.lab.cores import pinned
from twinshop.lab.environments import external
from twinshop.lab.environments.local.process_group import kill_group
from twinshop.lab.environments.shield import shielded

STOP_SECONDS = 10.0


@contextmanager
def spawned(
    command: Sequence[str], cores: Sequence[int], log: Path, environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own; at the end it is told to stop, and killed if it does not."""
    # The kernel kills it if the lab itself is killed and cannot clean up.
    tied = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
    with log.open("ab") as file, pinned(cores):
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [*tied, *command],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with shielded():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            kill_group(process.pid)
            process.wait()


def family(pid: int) -> list[psutil.Process]:
    """A process and all that descend from it, in whichever group they are."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def last_words(process: subprocess.Popen[bytes], name: str, log: Path) -> str | None:
    """Why a program has ended, with the end of its log; None while it runs."""
    code = process.poll()
    if code is None:
        return None
    return f"{name} ended with {code}:\n{external.tail(log.read_text(encoding='utf-8', errors='replace'))}"
