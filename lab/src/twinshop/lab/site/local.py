"""A site of plain processes on this machine, with SQLite and a Redis of its own."""

import os
import shutil
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from twinshop.lab.deployment import log_files, readiness, strays
from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.deployment.programs import REDIS, SECRET, programs
from twinshop.lab.deployment.shape import Shape
from twinshop.lab.deployment.site import CannotError, Runtime, SiteOptions, Store, Usage
from twinshop.lab.site import process_group, setup
from twinshop.lab.site.held_ports import HeldPorts
from twinshop.lab.site.keeper import Keeper
from twinshop.lab.site.totals import total
from twinshop.lab.site.waiting import until_ready

MOST_DEATHS = 3
"""What dies more often than this while it is waited for is given up."""
TAIL = 25
NO_BUDGET = "The local runtime cannot limit processors or memory: it does not own a cgroup. Docker can."


class LocalSite:
    """Its data are in `folder/data` until it is removed, its logs in `folder/logs`."""

    runtime: Runtime = "local"

    def __init__(self, shape: Shape, folder: Path, options: SiteOptions) -> None:
        setup.check(options, [process.name for process in shape.processes])
        if options.cpus is not None or options.memory_bytes is not None:
            raise CannotError(NO_BUDGET)
        if any(count > 1 for count in options.replicas.values()):
            self._cannot_scale()
        self.folder = folder.resolve()
        self.token = setup.new_token() if options.faults else None
        self._options = options
        self._held = HeldPorts()
        processes = setup.with_workers(shape, options).processes
        self.shape = replace(
            shape,
            processes=tuple(replace(each, port=self._held.take()) for each in processes),
            redis_port=self._held.take(),
        )
        self._keepers: dict[str, Keeper] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.shape.port}"

    @property
    def fault_folder(self) -> Path | None:
        return self.folder / "data" / "faults" if self._options.faults else None

    def create(self) -> None:
        if self._keepers:
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
        for program in programs(self.shape, data):
            own = {
                name: value.replace(f"%(ENV_{SECRET})s", self._options.secret)
                for name, value in program.environment.items()
            }
            log = logs / f"{program.name}.log"
            self._keepers[program.name] = Keeper(
                program.name, program.command, {**common, **own}, log, self._options.cores
            )

    def start(self) -> float:
        if not self._keepers:
            raise DeploymentError("The site has to be created before it is started.")
        since = time.perf_counter()
        for keeper in self._keepers.values():
            keeper.start()
        return since

    def wait_ready(self, seconds: float = 120) -> float:
        asks = {process.name: partial(readiness.ask, process.port) for process in self.shape.processes}
        redis = partial(readiness.ask_redis, self.shape.redis_port)
        return until_ready({REDIS: redis, **asks}, self._require_life, seconds)

    def _require_life(self, name: str) -> None:
        keeper = self._keeper(name)
        if not keeper.wanted:
            raise DeploymentError(f"{name} is down: it was not started, or was killed or stopped.")
        if keeper.deaths > MOST_DEATHS:
            last = log_files.tail(self._log(name), TAIL) or ["(it wrote nothing)"]
            ends = f"{name} ended {keeper.deaths} times, lastly with code {keeper.exit_code}. Its last lines:"
            raise DeploymentError("\n".join([ends, *(f"    {line}" for line in last)]))

    def _process_port(self, name: str) -> int:
        return next(process.port for process in self.shape.processes if process.name == name)

    def stop(self) -> None:
        stores = [keeper for name, keeper in self._keepers.items() if name == REDIS]
        for keepers in ([each for each in self._keepers.values() if each not in stores], stores):
            for keeper in keepers:
                keeper.tell_to_stop()
            for keeper in keepers:
                keeper.wait_stopped()

    def remove(self) -> None:
        for keeper in self._keepers.values():
            keeper.close()
        self._keepers.clear()
        strays.end(strays.strays(self.folder))  # whoever left its process group
        self._held.release()
        with suppress(FileNotFoundError):
            shutil.rmtree(self.folder / "data")

    def parts(self) -> Sequence[str]:
        return (*(process.name for process in self.shape.processes), REDIS)

    def hosts(self, component: str) -> str:
        return self.shape.host_of(component).name

    def stores(self, component: str, store: Store) -> str:
        if store == "database":
            raise CannotError("On the local runtime the database is SQLite, a library in the process that uses it.")
        if component != "cart":
            raise CannotError(f"{component} keeps nothing in Redis; only cart does.")
        return REDIS

    def kill(self, part: str) -> None:
        self._keeper(part).kill()

    def crash(self, part: str) -> None:
        self._keeper(part).crash()

    def revive(self, part: str) -> None:
        self._keeper(part).start()

    def pause(self, part: str) -> None:
        self._keeper(part).signal(signal.SIGSTOP)

    def resume(self, part: str) -> None:
        self._keeper(part).signal(signal.SIGCONT)

    def restart(self, part: str) -> None:
        keeper = self._keeper(part)
        keeper.tell_to_stop()
        keeper.wait_stopped()
        keeper.start()

    def cut(self, part: str) -> None:
        self._keeper(part)
        raise CannotError("On the local runtime all processes share the loopback interface: none can be cut off.")

    mend = cut

    def scale(self, part: str, replicas: int) -> None:
        del replicas
        self._keeper(part)
        self._cannot_scale()

    def limit(self, part: str, *, cpus: float | None = None, memory_bytes: int | None = None) -> None:
        del cpus, memory_bytes
        self._keeper(part)
        raise CannotError(NO_BUDGET)

    def usage(self) -> dict[str, Usage]:
        pids = {name: keeper.pid for name, keeper in self._keepers.items()}
        groups = process_group.members(pid for pid in pids.values() if pid)
        return {
            name: Usage(
                process_group.cpu_seconds(groups[pid]),
                process_group.proportional_bytes(groups[pid]),
                "pss",
                starts=self._keepers[name].restarts,
            )
            for name, pid in pids.items()
            if pid and pid in groups
        }

    def total(self) -> Usage:
        return total(list(self.usage().values()), "pss")

    def control_urls(self, part: str) -> Sequence[str]:
        self._keeper(part)
        return () if part == REDIS else (f"http://127.0.0.1:{self._process_port(part)}",)

    def logs(self, part: str) -> str:
        self._require_part(part)
        log = self._log(part)
        return log.read_text(errors="replace") if log.exists() else ""

    def _log(self, part: str) -> Path:
        return self.folder / "logs" / f"{part}.log"

    def _keeper(self, part: str) -> Keeper:
        self._require_part(part)
        if part not in self._keepers:
            raise DeploymentError("The site has not been created yet, or is gone.")
        return self._keepers[part]

    def _require_part(self, part: str) -> None:
        if part not in self.parts():
            raise DeploymentError(f"There is no `{part}`; there are {', '.join(self.parts())}.")

    @staticmethod
    def _cannot_scale() -> NoReturn:
        raise CannotError("The local runtime has no edge to spread visitors over replicas; give a process workers.")
