"""An environment of plain processes on this machine, with SQLite and a Redis of its own."""

import os
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from twinshop.lab.environments import readiness, setup
from twinshop.lab.environments.local import log_files, strays
from twinshop.lab.environments.local.parts import NO_BUDGET, NO_DISK, NO_EDGE, LocalParts
from twinshop.lab.environments.local.programs import programs
from twinshop.lab.environments.local.supervisor import Supervisor, stop_all
from twinshop.lab.environments.protocol import EnvironmentOptions, Patched, Runtime
from twinshop.lab.environments.reserved_ports import ReservedPorts
from twinshop.lab.environments.sources import package
from twinshop.lab.environments.variables import REDIS
from twinshop.lab.environments.waiting import until_ready
from twinshop.lab.errors import ProvisionError, Unsupported
from twinshop.lab.shapes import Shape

MOST_DEATHS = 3
"""What dies more often than this while it is waited for is given up."""
TAIL = 25


class LocalEnvironment(LocalParts):
    """Its data are in `folder/data` until it is removed, its logs in `folder/logs`."""

    runtime: Runtime = "local"

    def __init__(self, shape: Shape, folder: Path, options: EnvironmentOptions) -> None:
        setup.check(options, [process.name for process in shape.processes])
        if options.cpus is not None or options.memory_bytes is not None:
            raise Unsupported(NO_BUDGET)
        if options.disk_bytes is not None:
            raise Unsupported(NO_DISK)
        if any(count > 1 for count in options.replicas.values()):
            raise Unsupported(NO_EDGE)
        held, shape = ReservedPorts(), setup.with_workers(shape, options)
        ports = tuple(replace(each, port=held.take()) for each in shape.processes)
        super().__init__(replace(shape, processes=ports, redis_port=held.take()), folder.resolve())
        self.token = setup.new_token() if options.faults else None
        self._options = options
        self._held = held

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.shape.port}"

    @property
    def fault_folder(self) -> Path | None:
        return self.folder / "data" / "faults" if self._options.faults else None

    def create(self) -> None:
        if self._supervisors:
            return
        data, logs = self.folder / "data", self.folder / "logs"
        (data / REDIS).mkdir(parents=True, exist_ok=True)
        logs.mkdir(exist_ok=True)
        data.chmod(0o700)
        common = {
            **setup.inherited(os.environ),
            **self._options.environment,
            setup.CATALOGUE: str(setup.stocked(data, self._options.stock)),
            strays.MARK: str(self.folder),
        }
        if self.token and self.fault_folder:
            self.fault_folder.mkdir(exist_ok=True)
            common |= {setup.FAULT_TOKEN: self.token, setup.FAULT_FOLDER: str(self.fault_folder)}
        for program in programs(self.shape, data, self._options.secret):
            log = logs / f"{program.name}.log"
            self._supervisors[program.name] = Supervisor(
                program.name, program.command, {**common, **program.environment}, log, self._options.cores
            )

    def remains(self) -> dict[str, Any]:
        programs = {name: supervisor.as_json() for name, supervisor in self._supervisors.items()}
        return {"shape": self.shape.as_json(), "programs": programs}

    def start(self) -> float:
        if not self._supervisors:
            raise ProvisionError("The environment must be created before it is started.")
        since = time.perf_counter()
        for supervisor in self._supervisors.values():
            supervisor.start()
        return since

    def wait_ready(self, seconds: float = 120) -> float:
        asks = {process.name: partial(readiness.ask, process.port) for process in self.shape.processes}
        redis = partial(readiness.ask_redis, self.shape.redis_port)
        return until_ready({REDIS: redis, **asks}, self._require_life, seconds)

    def _require_life(self, name: str) -> None:
        supervisor = self._supervisor(name)
        if not supervisor.wanted:
            raise ProvisionError(f"{name} is down: it was not started, or was killed or stopped.")
        if supervisor.deaths > MOST_DEATHS:
            last = log_files.tail(self._log(name), TAIL) or ["(it wrote nothing)"]
            ends = f"{name} exited {supervisor.deaths} times (last exit code {supervisor.exit_code}). Its last lines:"
            raise ProvisionError("\n".join([ends, *(f"    {line}" for line in last)]))

    def stop(self) -> None:
        stop_all([supervisor for name, supervisor in self._supervisors.items() if name != REDIS])
        stop_all([supervisor for name, supervisor in self._supervisors.items() if name == REDIS])

    def patch(self, component: str, sources: Path, seconds: float = 60) -> Patched:
        part = self.hosts(component)
        self._supervisor(part).look_first(package(sources, component).parents[1])
        since = time.perf_counter()
        self.restart(part)
        ask = partial(readiness.ask, self.shape.host_of(component).port)
        return Patched(None, until_ready({part: ask}, self._require_life, seconds) - since, 1)

    def remove(self) -> None:
        for supervisor in self._supervisors.values():
            supervisor.close()
        self._supervisors.clear()
        strays.end(strays.strays(self.folder))  # processes that left their group
        self._held.release()
        with suppress(FileNotFoundError):
            shutil.rmtree(self.folder / "data")
