"""Finding what still runs of a shop, wherever it has got to in the process tree."""

import signal
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "TWINSHOP_RUN"
"""Every process of a shop carries this variable with the folder of its shop."""


def strays(folder: Path) -> list[psutil.Process]:
    """The processes of the shop with this folder that run; children and orphans too."""
    return [process for process in psutil.process_iter() if _mark(process) == str(folder)]


def marked(pid: int, folder: Path) -> bool:
    """Whether this process runs and is one of the shop with this folder."""
    try:
        return _mark(psutil.Process(pid)) == str(folder)
    except psutil.Error:
        return False


def end(processes: list[psutil.Process], number: int = signal.SIGKILL, seconds: float = 10) -> None:
    """Send all of them a signal and wait until they have ended."""
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(number)
    psutil.wait_procs(processes, timeout=seconds)


def _mark(process: psutil.Process) -> str | None:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        mark: str | None = process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None  # another user's, or gone
    return mark
