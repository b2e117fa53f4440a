"""The containers of one compose project, through the API of the Docker engine."""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from docker import APIClient
from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from twinshop.lab.environments import external
from twinshop.lab.errors import LabError, ProvisionError

ANSWER_SECONDS = 60
CPU_PERIOD_US = 100_000
NOT_RUNNING, ALREADY_SO, NO_SUCH = 409, 304, 404
NOT_FROZEN, FREEZE_TRIES, FREEZE_AGAIN_SECONDS = "unable to freeze", 3, 0.2
PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"


@dataclass(frozen=True, slots=True)
class Container:
    """
    A container as the engine lists it.

    Attributes:
        state: `created`, `running`, `paused`, `restarting` or `exited`.
        healthy: by its own health check; True if it has none.
        ports: on the host, by those of the container.
    """

    id: str
    service: str
    image: str
    state: str
    healthy: bool
    ports: Mapping[int, int]


class Engine:
    """All containers of `project`. Errors of the engine are raised as ProvisionError."""

    def __init__(self, project: str) -> None:
        self._project = project
        host = external.run(["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).stdout.strip()
        if not host.startswith("unix://"):
            raise ProvisionError(
                f"Environments need a Docker engine on this machine, reached by a socket, not {host or '?'}."
            )
        with _translated():
            self._api = APIClient(host, version="auto", timeout=ANSWER_SECONDS)
            self._info: dict[str, Any] = self._api.info()

    @property
    def cgroup_driver(self) -> str:
        """`cgroupfs` or `systemd`."""
        return str(self._info["CgroupDriver"])

    @property
    def is_here(self) -> bool:
        """Whether its containers are processes of this machine, and not of a virtual one or of another user's tree."""
        rootless = any("rootless" in option for option in self._info.get("SecurityOptions") or ())
        return self._info["KernelVersion"] == os.uname().release and not rootless

    def close(self) -> None:
        self._api.close()

    def containers(self) -> list[Container]:
        """All there are, running or not, those of a service one after the other."""
        with _translated():
            rows = self._api.containers(all=True, filters={"label": f"{PROJECT}={self._project}"})
        return sorted((_container(row) for row in rows), key=lambda each: (each.service, each.id))

    def inspect(self, container: str) -> dict[str, Any]:
        with _translated():
            found: dict[str, Any] = self._api.inspect_container(container)
        return found

    def exits(self, container: str) -> tuple[int, int]:
        """How often the engine has started it again, and the last exit code; none of one that has been removed."""
        with _translated(NO_SUCH):
            found = self._api.inspect_container(container)
            return found["RestartCount"], found["State"]["ExitCode"]
        return 0, 0

    def start(self, container: str) -> None:
        with _translated(ALREADY_SO):
            self._api.start(container)

    def restart(self, container: str, seconds: int) -> None:
        with _translated():
            self._api.restart(container, timeout=seconds)

    def remove(self, container: str, seconds: int) -> None:
        """Stop it gracefully, within `seconds`, and remove it."""
        with _translated(ALREADY_SO):
            self._api.stop(container, timeout=seconds)
        with _translated():
            self._api.remove_container(container)

    def kill(self, container: str) -> None:
        """SIGKILL; the engine takes it for a stop and does not start it again."""
        with _translated(NOT_RUNNING):
            self._api.kill(container, signal.SIGKILL)

    def crash(self, container: Container) -> None:
        """SIGKILL to its first process from outside, which the engine takes for a crash."""
        pid = self.inspect(container.id)["State"]["Pid"]
        if not pid:
            return
        try:
            if (
                container.id in Path(f"/proc/{pid}/cgroup").read_text()
            ):  # a number from another machine is another process
                os.kill(pid, signal.SIGKILL)
                psutil.wait_procs([psutil.Process(pid)], timeout=ANSWER_SECONDS)
                return
        except psutil.NoSuchProcess:
            return
        except (OSError, PermissionError):
            pass
        self._kill_from_a_container(pid, container.image)

    @staticmethod
    def _kill_from_a_container(pid: int, image: str) -> None:
        """Where the engine runs in a virtual machine, or we may not kill its processes. It takes half a second."""
        options = ("--rm", "--pid", "host", "--user", "0", "--network", "none", "--entrypoint", "sh")
        done = external.run(["docker", "run", *options, image, "-c", f"kill -9 {pid}"], timeout=ANSWER_SECONDS)
        if done.returncode:
            raise ProvisionError(f"The process cannot be killed:\n{external.tail(done.stderr)}")

    def pause(self, container: str) -> None:
        """Freeze it. With control groups of version 1, one that is just starting processes may slip away at first."""
        for tries_left in range(FREEZE_TRIES - 1, -1, -1):
            try:
                with _translated(NOT_RUNNING):
                    self._api.pause(container)
            except LabError as error:
                if not tries_left or NOT_FROZEN not in str(error):
                    raise
                time.sleep(FREEZE_AGAIN_SECONDS)
            else:
                return

    def unpause(self, container: str) -> None:
        with _translated(NOT_RUNNING, 500):  # versions of the engine differ in what they say of one that is not paused
            self._api.unpause(container)

    def limit(self, container: str, cpus: float | None, memory_bytes: int | None) -> None:
        """Limits of a container that runs; None leaves one as it is. Memory is without swap."""
        limits: dict[str, Any] = {}
        if cpus is not None:
            limits |= {"cpu_period": CPU_PERIOD_US, "cpu_quota": round(cpus * CPU_PERIOD_US)}
        if memory_bytes is not None:
            limits |= {"mem_limit": memory_bytes, "memswap_limit": memory_bytes}
        with _translated():
            self._api.update_container(container, **limits)

    def run(self, container: str, command: Sequence[str]) -> None:
        """Run a command in it to its end. Raises LabError with what it said, if it fails."""
        with _translated():
            started = self._api.exec_create(container, list(command), user="0")["Id"]
            said: bytes = self._api.exec_start(started)
            code = self._api.exec_inspect(started)["ExitCode"]
        if code:
            raise ProvisionError(f"{command[0]} fails with code {code}: {said.decode(errors='replace')}")

    def networks(self, container: str) -> dict[str, list[str]]:
        """Those that it is in, and the names that it has in each."""
        networks = self.inspect(container)["NetworkSettings"]["Networks"]
        return {
            name: [each for each in data["Aliases"] or () if each not in container] for name, data in networks.items()
        }

    def disconnect(self, container: str) -> dict[str, list[str]]:
        """Take it out of all its networks; the names that it had in each."""
        networks = self.networks(container)
        for network in networks:
            with _translated():
                self._api.disconnect_container_from_network(container, network)
        return networks

    def connect(self, container: str, networks: Mapping[str, Sequence[str]]) -> None:
        for network, aliases in networks.items():
            with _translated():
                self._api.connect_container_to_network(container, network, aliases=list(aliases))

    def logs(self, container: str) -> str:
        with _translated():
            text: bytes = self._api.logs(container)
        return text.decode(errors="replace")


def _container(row: Mapping[str, Any]) -> Container:
    status = row["Status"]
    return Container(
        id=row["Id"],
        service=row["Labels"][SERVICE],
        image=row["Image"],
        state=row["State"],
        healthy="(" not in status or "(healthy)" in status,
        ports={each["PrivatePort"]: each["PublicPort"] for each in row["Ports"] if "PublicPort" in each},
    )


@contextmanager
def _translated(*harmless: int) -> Iterator[None]:
    """Errors of the engine in our words; answers with these codes are none."""
    try:
        yield
    except APIError as error:
        if error.status_code not in harmless:
            raise ProvisionError(f"Docker says: {error.explanation}") from error
    except (DockerException, RequestException) as error:
        raise ProvisionError(f"Docker does not answer: {error}") from error
