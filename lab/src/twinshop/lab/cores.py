"""Which processors the shop under test gets, and which its load generator; running on some of them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import nan
from pathlib import Path


def divided() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """
    The shop's and the generator's.

    The generator gets the last one for itself, so that it does not take time from what it measures; with a single
    processor they share it, and the report says so. On two processors a shop has one: results are those of one core.
    """
    cores = sorted(os.sched_getaffinity(0))
    return (tuple(cores[:-1]), tuple(cores[-1:])) if len(cores) > 1 else (tuple(cores), tuple(cores))


@contextmanager
def pinned(cores: Sequence[int]) -> Iterator[None]:
    """Let this thread, and what it starts, run on these processors only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def busy_seconds(cores: Iterable[int], stat: Path = Path("/proc/stat")) -> float:
    """
    How long these processors have been busy since the machine started, hypervisor included.

    NaN where the kernel does not tell.
    """
    try:
        lines = stat.read_text(encoding="ascii").splitlines()
    except OSError:
        return nan
    wanted = {f"cpu{core}" for core in cores}
    rows = [line.split() for line in lines]
    return sum(_busy(row[1:]) for row in rows if row and row[0] in wanted) / os.sysconf("SC_CLK_TCK")


def _busy(ticks: list[str]) -> int:
    """All but idle and waiting for a disk; time of guests is in that of users already (proc(5))."""
    user, nice, system, _, _, irq, softirq, steal = (int(each) for each in ticks[:8])
    return user + nice + system + irq + softirq + steal
