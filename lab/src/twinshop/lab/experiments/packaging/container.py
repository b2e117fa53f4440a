"""The component in a container, set up as `compose/common.yaml` does."""

import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from twinshop.lab.cores import pinned
from twinshop.lab.environments import external
from twinshop.lab.environments.docker import docker, layers
from twinshop.lab.environments.docker.build import build
from twinshop.lab.environments.docker.cgroup_mounts import Cgroups
from twinshop.lab.environments.docker.images import IMAGES, own_instructions
from twinshop.lab.environments.local.process_group import proportional_bytes
from twinshop.lab.environments.reserved_ports import HOST, ReservedPorts
from twinshop.lab.environments.shield import shielded
from twinshop.lab.experiments.packaging.kinds import ENVIRONMENT, MODULE, Artefact, Workshop
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.measurement.bench import Bench

IMAGE = IMAGES["translate"]
ASK_SECONDS = 30.0
HARDENED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")  # noqa: S108


@dataclass(slots=True)
class StartedContainer:
    since: float
    url: str
    name: str
    port: int
    command: subprocess.Popen[str]
    _pid: int = field(default=0)

    def ended(self) -> str | None:
        if self.command.poll() is None:
            return None
        if self.command.returncode:
            return f"`docker run` ended with {self.command.returncode}:\n{external.tail(self.command.communicate()[1])}"
        state = _docker("inspect", "--format", "{{.State.Status}}", self.name)
        return None if state.strip() == "running" else f"The container is {state}:\n{_docker('logs', self.name)}"

    @property
    def pid(self) -> int:
        """Of its first process, as the host sees it."""
        if not self._pid:
            self._pid = int(_docker("inspect", "--format", "{{.State.Pid}}", self.name))
        return self._pid

    def cpu_seconds(self) -> float:
        return Cgroups.of_this_machine().of_process(self.pid).read().cpu_seconds

    def memory(self) -> Mapping[str, int]:
        group = Cgroups.of_this_machine().of_process(self.pid)
        figures = {"cgroup_memory_bytes": group.read().memory_bytes}
        inside = [psutil.Process(pid) for pid in group.pids()]
        supervisors = [parent for parent in [psutil.Process(self.pid).parent()] if parent and "shim" in parent.name()]
        supervisors += [each for each in psutil.process_iter(["cmdline"]) if self._is_proxy(each)]
        with suppress(psutil.AccessDenied):  # of another user's processes only root may know
            inside[0].memory_full_info()
            figures["host_memory_bytes"] = proportional_bytes([*inside, *supervisors])
            figures["keeper_memory_bytes"] = proportional_bytes(supervisors)
        return figures

    def _is_proxy(self, process: psutil.Process) -> bool:
        """Whether it carries the container's port, one process for each."""
        words = process.info["cmdline"] or [""]
        return words[0].endswith("docker-proxy") and str(self.port) in words

    def probe(self, code: str, argument: str) -> str:
        return _docker("exec", self.name, MODULE[0], "-c", code, argument)

    def user_outside(self) -> int:
        return Path(f"/proc/{self.pid}").stat().st_uid


class Container:
    """
    Built and started as Compose does it.

    Args:
        tag: of the image with the changed line; it stays until the next run.
    """

    def __init__(self, tag: str = "twinshop-packaging/container") -> None:
        self._tag = tag

    def missing(self, options: PackagingOptions) -> str | None:
        del options
        why_not = docker.unusable()
        return f"Docker cannot be used: {why_not}" if why_not else None

    def prepare(self, workshop: Workshop) -> Artefact:
        build(workshop.root, IMAGE.dockerfile, tag=IMAGE.tag)  # so that all but the change is in the cache
        self.forget()  # of the run before
        made = build(workshop.sources, IMAGE.dockerfile, tag=self._tag)
        own = layers.read(self._tag, len(own_instructions(workshop.root / IMAGE.dockerfile)))
        added = layers.size([layer for layer in own if not layer.base])
        python = _docker("run", "--rm", "--network", "none", self._tag, "python", "--version").split()[-1]
        bytes_ = {"disk_bytes": layers.size(own), "added_bytes": added}
        return Artefact(self._tag, made.seconds, bytes_, {"python": python})

    def forget(self) -> None:
        _said("image", "rm", self._tag)

    @contextmanager
    def start(self, artefact: Artefact, bench: Bench) -> Iterator[StartedContainer]:
        ports = ReservedPorts()
        port, name = ports.take(), f"twinshop-packaging-{secrets.token_hex(4)}"
        settings = [word for key, value in ENVIRONMENT.items() for word in ("--env", f"{key}={value}")]
        cores = ",".join(map(str, bench.shop_cores))
        where = ("--name", name, "--cpuset-cpus", cores, "--publish", f"{HOST}:{port}:8000")
        command = ["docker", "run", "--detach", *where, *HARDENED, *settings, artefact.place]
        try:
            with pinned(bench.shop_cores):
                since = time.perf_counter()
                client = subprocess.Popen(  # noqa: S603 - our own command
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                )
            yield StartedContainer(since, f"http://{HOST}:{port}", name, port, client)
        finally:
            with shielded():
                client.communicate(timeout=ASK_SECONDS)
                (bench.folder / "container.log").write_text(_said("logs", name), encoding="utf-8")
                _said("rm", "--force", name)
                ports.release()


def _docker(*arguments: str) -> str:
    return docker.output(["docker", *arguments], ASK_SECONDS)


def _said(*arguments: str) -> str:
    done = external.run(["docker", *arguments], timeout=ASK_SECONDS)
    return done.stdout + done.stderr
