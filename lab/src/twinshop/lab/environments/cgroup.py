"""
Control groups of version 1 and 2: CPU time, memory, throttling, limits.

Version 1 has a tree for each controller and one folder of a group in each of them; version 2 has one tree. The files
are described in the kernel's documentation: admin-guide/cgroup-v1 and admin-guide/cgroup-v2.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Protocol

PERIOD_US = 100_000
"""Within it a group may run for its quota and then stands still: the kernel's own default."""

UNLIMITED = 2**62
"""Version 1 writes no limit as the largest multiple of a page in 63 bits."""


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What a group has used.

    Attributes:
        cpu_seconds: since it was made.
        memory_bytes: now: usage less the inactive file pages, which the kernel would give back at once.
        peak_memory_bytes: the most so far, file pages included; None before Linux 5.19 with version 2.
        memory_limit_bytes: its own limit or that of a group around it, whichever is less; None without any.
        throttled_seconds: in which it stood still because its quota was used up, added up over its processors.
        throttled_periods: in how many periods that happened. Both None without a quota.
    """

    cpu_seconds: float
    memory_bytes: int
    peak_memory_bytes: int | None
    memory_limit_bytes: int | None
    throttled_seconds: float | None
    throttled_periods: int | None


class Group(Protocol):
    """One group. Reading raises OSError when there is no such group any more: no such file, or no such device."""

    def read(self) -> Reading: ...

    def pids(self) -> list[int]:
        """Its own processes, without those of the groups in it."""

    def make(self, *, cpus: float | None, memory_bytes: int | None) -> None:
        """Make it, with limits for everything in it."""

    def remove(self) -> None:
        """Nothing may be left in it; safe if it is not there."""


@dataclass(frozen=True, slots=True)
class GroupV1:
    """Its folder in the tree of each controller."""

    folders: Mapping[str, Path]

    def read(self) -> Reading:
        memory, cpu = self.folders["memory"], self.folders["cpu"]
        held = _table(memory / "memory.stat")
        usage = _number(memory / "memory.usage_in_bytes") - held["total_inactive_file"]
        limit = held["hierarchical_memory_limit"]
        stat = _table(cpu / "cpu.stat") if _number(cpu / "cpu.cfs_quota_us") > 0 else {}
        return Reading(
            cpu_seconds=_number(self.folders["cpuacct"] / "cpuacct.usage") / 1e9,
            memory_bytes=max(usage, 0),
            peak_memory_bytes=_number(memory / "memory.max_usage_in_bytes"),
            memory_limit_bytes=limit if limit < UNLIMITED else None,
            throttled_seconds=stat["throttled_time"] / 1e9 if stat else None,
            throttled_periods=stat.get("nr_throttled"),
        )

    def pids(self) -> list[int]:
        return _pids(self.folders["memory"])

    def make(self, *, cpus: float | None, memory_bytes: int | None) -> None:
        for controller in ("cpu", "cpuacct", "memory"):
            self.folders[controller].mkdir(exist_ok=True)
        if cpus is not None:
            (self.folders["cpu"] / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (self.folders["cpu"] / "cpu.cfs_quota_us").write_text(str(round(cpus * PERIOD_US)))
        if memory_bytes is not None:
            memory = self.folders["memory"]
            (memory / "memory.limit_in_bytes").write_text(str(memory_bytes))
            with_swap = memory / "memory.memsw.limit_in_bytes"
            if with_swap.exists():  # no swap: it would turn the limit into slowness
                with_swap.write_text(str(memory_bytes))

    def remove(self) -> None:
        for folder in set(self.folders.values()):  # the engine has made it in the other trees
            _remove(folder)


@dataclass(frozen=True, slots=True)
class GroupV2:
    folder: Path

    def read(self) -> Reading:
        stat = _table(self.folder / "cpu.stat")
        inactive = _table(self.folder / "memory.stat")["inactive_file"]
        quota = (self.folder / "cpu.max").read_text().split()[0] != "max"
        peak = self.folder / "memory.peak"
        return Reading(
            cpu_seconds=stat["usage_usec"] / 1e6,
            memory_bytes=max(_number(self.folder / "memory.current") - inactive, 0),
            peak_memory_bytes=_number(peak) if peak.exists() else None,
            memory_limit_bytes=self._memory_limit(),
            throttled_seconds=stat["throttled_usec"] / 1e6 if quota else None,
            throttled_periods=stat["nr_throttled"] if quota else None,
        )

    def _memory_limit(self) -> int | None:
        """The root of the tree has no such file."""
        files = (folder / "memory.max" for folder in (self.folder, *self.folder.parents))
        limits = [text for file in takewhile(Path.exists, files) if (text := file.read_text().strip()) != "max"]
        return min(map(int, limits), default=None)

    def pids(self) -> list[int]:
        return _pids(self.folder)

    def make(self, *, cpus: float | None, memory_bytes: int | None) -> None:
        (self.folder.parent / "cgroup.subtree_control").write_text("+cpu +memory")
        self.folder.mkdir(exist_ok=True)
        if cpus is not None:
            (self.folder / "cpu.max").write_text(f"{round(cpus * PERIOD_US)} {PERIOD_US}")
        if memory_bytes is not None:
            (self.folder / "memory.max").write_text(str(memory_bytes))
            swap = self.folder / "memory.swap.max"
            if swap.exists():
                swap.write_text("0")

    def remove(self) -> None:
        _remove(self.folder)


def _number(file: Path) -> int:
    return int(file.read_text())


def _table(file: Path) -> dict[str, int]:
    rows = (line.split() for line in file.read_text().splitlines())
    return {row[0]: int(row[1]) for row in rows}


def _pids(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "cgroup.procs").read_text().split()]


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        for inner in folder.iterdir():
            if inner.is_dir():
                _remove(inner)
        folder.rmdir()
