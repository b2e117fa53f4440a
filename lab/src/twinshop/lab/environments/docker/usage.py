"""
What the containers of an environment use, read from control groups and `/proc`.

Not from the engine's own statistics: it takes one to two seconds for each answer.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from twinshop.lab.environments.cgroup import Group, Reading
from twinshop.lab.environments.docker.cgroup_mounts import Cgroups
from twinshop.lab.environments.docker.engine import Container, Engine
from twinshop.lab.environments.protocol import Usage
from twinshop.lab.environments.usage import total, traffic
from twinshop.lab.errors import Unsupported


@dataclass(slots=True)
class _Meter:
    """One container: its first process and group, and how often it was started again."""

    pid: int = 0
    group: Group | None = None
    restarts: int = 0
    restarts_before: int = 0
    """The count of the engine restarts at zero when a container is started by hand."""


class ContainerUsage:
    """Reads; asks the engine about a container only when its first process is another one than before."""

    def __init__(self, engine: Engine, cgroups: Cgroups) -> None:
        self._engine = engine
        self._cgroups = cgroups
        self._meters: dict[str, _Meter] = defaultdict(_Meter)

    def started_by_hand(self, container: str) -> None:
        """To be called before a container is: the engine then forgets how often it had started it again."""
        meter = self._meters[container]
        meter.restarts_before += self._engine.inspect(container)["RestartCount"]

    def read(self, containers: Sequence[Container]) -> Usage | None:
        """All of these together; None if none of them runs. Raises Unsupported."""
        found = [usage for each in containers if (usage := self._read(each.id)) is not None]
        return total(found, "cgroup") if found else None

    def _read(self, container: str) -> Usage | None:
        meter = self._meters[container]
        try:
            if meter.group is None or meter.pid not in meter.group.pids():
                self._look(container, meter)
            if meter.group is None:
                return None
            received, sent = self._traffic(meter.pid)
            return usage_of(meter.group.read(), received, sent, meter.restarts_before + meter.restarts)
        except OSError:  # it ended while it was looked at
            meter.group = None
            return None

    def _traffic(self, pid: int) -> tuple[int, int] | tuple[None, None]:
        try:
            return traffic((self._cgroups.proc / str(pid) / "net" / "dev").read_text())
        except PermissionError:
            return None, None

    def _look(self, container: str, meter: _Meter) -> None:
        info = self._engine.inspect(container)
        meter.pid, meter.restarts, meter.group = info["State"]["Pid"], info["RestartCount"], None
        if not meter.pid:
            return
        group = (self._cgroups.proc / str(meter.pid) / "cgroup").read_text()
        if container not in group:
            raise Unsupported(
                "The containers of this engine are not processes of this machine: their usage cannot be read."
            )
        meter.group = self._cgroups.of_process(meter.pid)


def usage_of(reading: Reading, received: int | None, sent: int | None, starts: int) -> Usage:
    return Usage(
        cpu_seconds=reading.cpu_seconds,
        memory_bytes=reading.memory_bytes,
        memory_kind="cgroup",
        peak_memory_bytes=reading.peak_memory_bytes,
        memory_limit_bytes=reading.memory_limit_bytes,
        received_bytes=received,
        sent_bytes=sent,
        throttled_seconds=reading.throttled_seconds,
        throttled_periods=reading.throttled_periods,
        starts=starts,
    )
