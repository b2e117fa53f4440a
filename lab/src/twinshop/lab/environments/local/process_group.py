"""Process groups: their members, their end, their CPU time and memory."""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import psutil

END_SECONDS = 5.0
"""How long the kernel may take to end processes that were killed: they may be writing."""


def members(groups: Iterable[int]) -> dict[int, list[psutil.Process]]:
    """The processes of each of these groups, in one look at all there are."""
    found: dict[int, list[psutil.Process]] = defaultdict(list)
    wanted = set(groups)
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            group = os.getpgid(pid)
            if group in wanted:
                found[group].append(psutil.Process(pid))
    return found


def kill_group(group: int) -> None:
    """SIGKILL to all of a group; returns when they have ended, so that their ports are free."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    end = time.monotonic() + END_SECONDS
    while any(_runs(process) for process in members([group])[group]) and time.monotonic() < end:
        time.sleep(0.005)


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """CPU time so far, user and system, also of their children that have ended."""
    total = 0.0
    for process in processes:
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def proportional_bytes(processes: Iterable[psutil.Process]) -> int:
    """
    Memory now, as PSS.

    The proportional set size counts a page that n processes share as 1/n: it adds up, which RSS does not.
    """
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total
