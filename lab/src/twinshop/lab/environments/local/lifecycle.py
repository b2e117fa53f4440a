"""The local runtime: every process of the shape under one supervisor, with SQLite and an embedded Redis."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twinshop.lab import repository
from twinshop.lab.environments import lifecycle, ports, readiness
from twinshop.lab.environments.lifecycle import Deployment, Status
from twinshop.lab.environments.local import log_files
from twinshop.lab.environments.local.programs import environment, programs
from twinshop.lab.environments.local.supervision import Supervision
from twinshop.lab.environments.variables import CATALOG, DECIDED_HERE, REDIS
from twinshop.lab.errors import LabError, ProvisionError, UsageError
from twinshop.lab.shapes import Shape

POLL_SECONDS = 0.25
MOST_DEATHS = 3
"""Whatever dies so often while it is waited for is given up."""
TAIL = 25


class LocalDeployment(Deployment):
    """A shape on this machine, without Docker. Its folder is `.run/<shape>`."""

    runtime = "local"

    def __init__(self, shape: Shape, root: Path, say: Callable[[str], None] = print) -> None:
        super().__init__(shape, root, say)
        self._supervision = Supervision(self._folder)

    @property
    def title(self) -> str:
        return f"{self.shape.name} on the local runtime"

    @property
    def log_folder(self) -> Path:
        return self._folder / "logs"

    def up(self, seconds: float) -> bool:
        repository.require_space(self._root)
        repository.folder(self._root, self._name)
        with repository.locked(self._folder / "lock"):
            if lifecycle.ready(self.ps()):
                return False
            if self._supervision.stop():
                self._say(f"{self.title} is running in part: starting it again.")
            wanted = {process.port: process.name for process in self.shape.processes}
            ports.require_free({**wanted, self.shape.redis_port: REDIS})
            try:
                self._start()
                self.wait(seconds)
            except BaseException as error:  # an impatient Ctrl-C as well: nothing half-started stays behind
                self._supervision.stop()
                if isinstance(error, LabError):
                    kept = f"Everything was stopped again; the logs are in {self._shown(self.log_folder)}"
                    raise ProvisionError(f"{error}\n{kept}") from error
                raise
        return True

    def _start(self) -> None:
        previous = self._folder / "logs.previous"
        if self.log_folder.exists():
            shutil.rmtree(previous, ignore_errors=True)
            self.log_folder.rename(previous)
        for folder in (self.log_folder, self._folder / REDIS):
            folder.mkdir(exist_ok=True)
        self._make_folder()
        inherited = {name: value for name, value in os.environ.items() if name not in DECIDED_HERE}
        secret = repository.shop_secret(self._root)
        self._supervision.start(programs(self.shape, self._folder, secret), inherited)

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        before = {name: known["deaths"] for name, known in (self._supervision.states() or {}).items()}
        while True:
            states = self.ps()
            if lifecycle.ready(states):
                return
            if not lifecycle.running(states):
                raise ProvisionError(f"{self.title} is not running.")
            for name, known in (self._supervision.states() or {}).items():
                if known["failure"] or known["deaths"] - before.get(name, 0) >= MOST_DEATHS:
                    raise ProvisionError(self._crash(name))
            if time.monotonic() > end:
                late = f"Not everything is ready after {seconds:.0f} s:"
                raise ProvisionError("\n".join([late, *lifecycle.waiting(states)]))
            time.sleep(POLL_SECONDS)

    def _crash(self, name: str) -> str:
        file = self.log_folder / f"{name}.log"
        last = log_files.tail(file, TAIL) or ["(it wrote nothing)"]
        return "\n".join([f"{name} crashed. The last lines of {self._shown(file)}:", *(f"    {line}" for line in last)])

    def ps(self) -> list[Status]:
        known = self._supervision.states() or {}
        redis = self._status(REDIS, self.shape.redis_port, known.get(REDIS), readiness.ask_redis)
        others = (
            self._status(each.name, each.port, known.get(each.name), readiness.ask) for each in self.shape.processes
        )
        return [*others, redis]

    @staticmethod
    def _status(name: str, port: int, known: dict[str, Any] | None, ask: Callable[[int], tuple[bool, str]]) -> Status:
        if known is None:
            return Status(name, "stopped")
        pid = known["pid"]
        if pid is None:
            return Status(name, "crashed" if known["failure"] else "restarting", f"port {port}", known["failure"])
        ready, detail = ask(port)
        where = f"pid {pid}, port {port}"
        return Status(name, "ready" if ready else "not ready", where, "" if detail == name else detail, pid)

    def logs(self, names: Sequence[str] = (), *, lines: int = 50, follow: bool = False) -> None:
        files = {f"{self.shape.name}/{name}": self.log_folder / f"{name}.log" for name in self._log_names(names)}
        log_files.show(files, lines, (lambda: bool(self._supervision.strays())) if follow else None)

    def _log_names(self, names: Sequence[str]) -> list[str]:
        everything = [*(process.name for process in self.shape.processes), REDIS]
        hosts = {component: process.name for process in self.shape.processes for component in process.components}
        found = [name if name in everything else hosts.get(name, "") for name in names]
        if "" in found:
            raise UsageError(f"{self.title} has no `{names[found.index('')]}`; it has {', '.join(everything)}.")
        return found or everything

    def import_products(self, file: Path) -> bool:
        variables = environment(self.shape, self.shape.host_of("catalog"), self._folder)
        command = [sys.executable, "-m", CATALOG, "import", str(file)]
        return subprocess.run(command, env={**os.environ, **variables}, check=False).returncode == 0  # noqa: S603

    def down(self, *, delete: bool = False) -> bool:
        if not self._folder.exists():
            return False
        with repository.locked(self._folder / "lock"):
            stopped = self._supervision.stop()
            if delete:
                shutil.rmtree(self._folder)
        return stopped
