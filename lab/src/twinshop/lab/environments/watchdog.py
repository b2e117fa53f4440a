"""
Watch the lab from a process of its own: `twinshop.lab.reaper` cleans up if the lab dies.

The watchdog holds one end of a pipe. The kernel closes the other end when the lab ends, however it ends. The reaper
then reverts every fault and removes the environment. It is started as a program and never imported: it stands above the
faults, which stand above the environments.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

REAPER = "twinshop.lab.reaper"
READY, DISMISSED, REMOVE = b"ready\n", b"dismissed\n", b"remove\n"
END_SECONDS = 60.0
"""How long a removal may take."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A fault of the catalogue in a component, and when it is to be reverted, by `time.time`."""

    fault: str
    component: str
    until: float


class Watchdog:
    """
    Of one environment. Use as a context manager.

    Args:
        folder: of the environment.
        project: its compose project, if it has one.
        namespace: that of the cluster, if it has one.
        stays: how many seconds the environment stays after the last fault was reverted, if the lab is killed. Its whole
            folder goes with it then. None: the environment is removed at once, and its logs stay.
    """

    def __init__(
        self, folder: Path, project: str | None = None, namespace: str | None = None, stays: float | None = None
    ) -> None:
        self._names = [str(folder), project or "", namespace or ""]
        self._stays = stays

    def __enter__(self) -> Self:
        stays = "" if self._stays is None else str(self._stays)
        command = [sys.executable, "-m", REAPER, *self._names, stays]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if self._stays is None else None,  # one that stays says what it does
            start_new_session=True,  # Ctrl-C is for the lab
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()  # its start must not fall into that of the environment
        return self

    def entrust(self, limits: Sequence[Limit], remains: Mapping[str, Any]) -> None:
        """Replace the record of what is injected, and of what is needed to revert it (`Environment.remains`)."""
        told = {"limits": [asdict(limit) for limit in limits], "remains": remains}
        self._tell(json.dumps(told).encode() + b"\n")

    def dismiss(self) -> None:
        """There is nothing left to remove."""
        self._tell(DISMISSED)

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it has been killed
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell(REMOVE)
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=END_SECONDS)
