"""A total budget for everything of an environment: a control group in which the engine puts all its containers."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from twinshop.lab.environments.cgroup import Group, Reading
from twinshop.lab.environments.docker.cgroup_mounts import Cgroups
from twinshop.lab.errors import Unsupported

REMOVE_SECONDS = 5.0
COMMAND_SECONDS = 30.0


class Budget(Protocol):
    """A group with limits, made beforehand."""

    parent: str
    """What Docker calls `cgroup_parent`."""

    def read(self) -> Reading | None:
        """What everything in it has used; None before anything was started in it."""

    def remove(self) -> None:
        """The containers are gone by now. Safe at any time, also twice."""


class Folder:
    """A budget in folders of our own, for an engine that makes its groups itself (cgroup driver `cgroupfs`)."""

    def __init__(self, cgroups: Cgroups, name: str, cpus: float | None, memory_bytes: int | None) -> None:
        self.parent = f"/{name}"
        self._group = cgroups.named(name)
        try:
            self._group.make(cpus=cpus, memory_bytes=memory_bytes)
        except OSError as error:
            with suppress(OSError):
                self._group.remove()
            raise Unsupported(
                f"A total budget requires permission to create control groups, which root has ({error.strerror})."
            ) from error

    def read(self) -> Reading | None:
        return _read(self._group)

    def remove(self) -> None:
        _remove(self._group)


class Slice:
    """A budget as a slice of systemd, for an engine that leaves the groups to it (cgroup driver `systemd`)."""

    def __init__(self, cgroups: Cgroups, name: str, cpus: float | None, memory_bytes: int | None) -> None:
        self.parent = f"{name}.slice"
        self._group = cgroups.named(self.parent)
        limits = [f"CPUQuota={cpus * 100:g}%"] if cpus is not None else []
        if memory_bytes is not None:
            v1 = cgroups.version == 1
            limits += [f"MemoryLimit={memory_bytes}"] if v1 else [f"MemoryMax={memory_bytes}", "MemorySwapMax=0"]
        said = _systemctl("set-property", "--runtime", self.parent, *limits)
        if said is not None:
            raise Unsupported(f"A total budget requires a systemd slice, which root can create: {said}")

    def read(self) -> Reading | None:
        return _read(self._group)

    def remove(self) -> None:
        _forget(self.parent)


def budget(cgroups: Cgroups, driver: str, name: str, cpus: float | None, memory_bytes: int | None) -> Budget:
    """
    Make the group of a budget; its name must do as that of a slice: letters and digits.

    Raises:
        Unsupported: the budget cannot be set here, and why.
    """
    return (Slice if driver == "systemd" else Folder)(cgroups, name, cpus, memory_bytes)


def remove_named(name: str) -> None:
    """Remove a budget, of whichever kind, by the name that it was given, if there is one."""
    cgroups = Cgroups.of_this_machine()
    _forget(f"{name}.slice")
    _remove(cgroups.named(name))


def _remove(group: Group) -> None:
    """The engine empties its groups a moment after it has said that their containers are gone."""
    end = time.monotonic() + REMOVE_SECONDS
    while True:
        try:
            group.remove()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _forget(parent: str) -> None:
    _systemctl("stop", parent)
    _systemctl("revert", parent)


def _read(group: Group) -> Reading | None:
    try:
        return group.read()
    except OSError:  # no such file, or no such device while it is being removed
        return None


def _systemctl(*arguments: str) -> str | None:
    """What went wrong; None if nothing did."""
    command: Sequence[str] = ("systemctl", *arguments)
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.strip() or "it failed" if done.returncode else None
