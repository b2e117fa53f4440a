"""What is left of an environment when the lab that knew it is gone, reassembled: enough to revert its faults."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from twinshop.lab.environments.local import strays
from twinshop.lab.environments.local.parts import LocalParts
from twinshop.lab.environments.protocol import Recoverable
from twinshop.lab.shapes import Shape


def restored(data: Mapping[str, Any], folder: Path, project: str | None) -> Recoverable:
    """
    The part of an environment whose faults can be reverted.

    Args:
        data: what `Environment.remains` said.
        folder: of the environment.
        project: its compose project; None of an environment of local processes.
    """
    shape = Shape.from_json(data["shape"])
    if project is None:
        return LocalRemains(shape, folder, data["programs"])
    from twinshop.lab.reaper.container_remains import ContainerRemains  # noqa: PLC0415 - its client takes a while

    return ContainerRemains(shape, Path(data["root"]), folder, project, data["networks"])


class LocalRemains(LocalParts):
    """Its processes run on without the supervisors, which died with the lab; what is revived has none either."""

    def __init__(self, shape: Shape, folder: Path, programs: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(shape, folder)
        self._programs = dict(programs)

    @property
    def fault_folder(self) -> Path | None:
        return self.folder / "data" / "faults"

    def revive(self, part: str) -> None:
        if self._processes(part):
            return
        program = self._programs[part]
        os.sched_setaffinity(0, program["cores"] or os.sched_getaffinity(0))  # inherited
        with Path(program["log"]).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                program["command"],
                env=program["environment"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._programs[part] = {**program, "pid": process.pid}

    def resume(self, part: str) -> None:
        for process in self._processes(part):
            with suppress(psutil.Error):
                process.send_signal(signal.SIGCONT)

    def _processes(self, part: str) -> list[psutil.Process]:
        """Those of its group that still run, known by the mark of the environment, since numbers are given again."""
        return [each for each in strays.strays(self.folder) if _group(each) == self._programs[part]["pid"]]


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except OSError:
        return None
