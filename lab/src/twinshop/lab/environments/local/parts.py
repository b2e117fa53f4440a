"""What can be asked of the parts of an environment of local processes, and done to them."""

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from twinshop.lab.environments.local import process_group
from twinshop.lab.environments.local.supervisor import Supervisor
from twinshop.lab.environments.protocol import Store, Usage
from twinshop.lab.environments.stores import require_redis
from twinshop.lab.environments.usage import total
from twinshop.lab.environments.variables import REDIS
from twinshop.lab.errors import ProvisionError, Unsupported, UsageError
from twinshop.lab.shapes import Shape

NO_BUDGET = "The local runtime cannot limit processors or memory: it does not own a cgroup. Docker can."
NO_DISK = "On the local runtime the data are on the disk of this machine, which must not be filled."
NO_EDGE = "The local runtime has no edge to balance replicas: give the process more workers instead."
NO_IMAGES = "On the local runtime processes run from the checkout, not from images: only containers can be deployed."
NO_NETWORK = "On the local runtime all processes share the loopback interface: none can be cut off."


class LocalParts:
    """The parts of a shape on this machine: its processes, each with a supervisor, and Redis."""

    def __init__(self, shape: Shape, folder: Path) -> None:
        self.shape = shape
        self.folder = folder
        self._supervisors: dict[str, Supervisor] = {}

    def parts(self) -> Sequence[str]:
        return (*(process.name for process in self.shape.processes), REDIS)

    def hosts(self, component: str) -> str:
        return self.shape.host_of(component).name

    def stores(self, component: str, store: Store) -> str:
        if store == "database":
            raise Unsupported("On the local runtime the database is SQLite, a library in the process that uses it.")
        require_redis(component)
        return REDIS

    def kill(self, part: str) -> None:
        self._supervisor(part).kill()

    def crash(self, part: str) -> None:
        self._supervisor(part).crash()

    def revive(self, part: str) -> None:
        self._supervisor(part).start()

    def pause(self, part: str) -> None:
        self._supervisor(part).signal(signal.SIGSTOP)

    def resume(self, part: str) -> None:
        self._supervisor(part).signal(signal.SIGCONT)

    def restart(self, part: str) -> None:
        supervisor = self._supervisor(part)
        supervisor.tell_to_stop()
        supervisor.wait_stopped()
        supervisor.start()

    def cut(self, part: str) -> None:
        self._supervisor(part)
        raise Unsupported(NO_NETWORK)

    mend = cut

    def fill(self, part: str) -> None:
        self._supervisor(part)
        raise Unsupported(NO_DISK)

    unfill = fill

    def scale(self, part: str, replicas: int) -> None:
        del replicas
        self._supervisor(part)
        raise Unsupported(NO_EDGE)

    def deploy(self, images: Mapping[str, str], *, rolling: bool = False, seconds: float = 60) -> int:
        del images, rolling, seconds
        raise Unsupported(NO_IMAGES)

    def limit(self, part: str, *, cpus: float | None = None, memory_bytes: int | None = None) -> None:
        del cpus, memory_bytes
        self._supervisor(part)
        raise Unsupported(NO_BUDGET)

    def usage(self) -> dict[str, Usage]:
        pids = {name: supervisor.pid for name, supervisor in self._supervisors.items()}
        groups = process_group.members(pid for pid in pids.values() if pid)
        return {
            name: Usage(
                process_group.cpu_seconds(groups[pid]),
                process_group.proportional_bytes(groups[pid]),
                "pss",
                starts=self._supervisors[name].restarts,
            )
            for name, pid in pids.items()
            if pid and pid in groups
        }

    def total(self) -> Usage:
        return total(list(self.usage().values()), "pss")

    def control_urls(self, part: str) -> Sequence[str]:
        self._supervisor(part)
        return tuple(f"http://127.0.0.1:{process.port}" for process in self.shape.processes if process.name == part)

    def logs(self, part: str) -> str:
        self._require_part(part)
        log = self._log(part)
        return log.read_text(errors="replace") if log.exists() else ""

    def _log(self, part: str) -> Path:
        return self.folder / "logs" / f"{part}.log"

    def _supervisor(self, part: str) -> Supervisor:
        self._require_part(part)
        if part not in self._supervisors:
            raise ProvisionError("The environment has not been created yet, or has been removed.")
        return self._supervisors[part]

    def _require_part(self, part: str) -> None:
        if part not in self.parts():
            raise UsageError(f"There is no `{part}`; there are {', '.join(self.parts())}.")
