"""What can be asked of the parts of an environment of containers, and done to them."""

from collections.abc import Mapping, Sequence

from twinshop.lab.environments.docker.cgroup_mounts import Cgroups
from twinshop.lab.environments.docker.compose_file import EDGE, PORT, Composition
from twinshop.lab.environments.docker.disks import DISKS, emptied, filled
from twinshop.lab.environments.docker.engine import Container, Engine
from twinshop.lab.environments.docker.usage import ContainerUsage
from twinshop.lab.environments.protocol import Store, Usage
from twinshop.lab.environments.stores import store_of
from twinshop.lab.errors import ProvisionError, Unsupported, UsageError
from twinshop.lab.shapes import Shape

STOP_SECONDS = 30
"""As `stop_grace_period` in the compose files."""


class ContainerParts:
    """The parts of a shape under Compose: its processes, their stores and the edge. A part may have replicas."""

    def __init__(self, shape: Shape, composition: Composition, engine: Engine) -> None:
        self.shape = shape
        self._composition = composition
        self._engine = engine
        self._services = {**composition.services, **{name: name for name in (*composition.stores, EDGE)}}
        self._used: ContainerUsage | None = None
        self._cut: dict[str, Mapping[str, Sequence[str]]] = {}

    def parts(self) -> Sequence[str]:
        return tuple(self._services)

    def hosts(self, component: str) -> str:
        return self.shape.host_of(component).name

    def stores(self, component: str, store: Store) -> str:
        return store_of(component, store, self._composition.databases)

    def kill(self, part: str) -> None:
        for container in self._containers(part):
            self._thaw(container)
            self._engine.kill(container.id)

    def crash(self, part: str) -> None:
        for container in self._containers(part):
            self._thaw(container)
            self._engine.crash(container)

    def revive(self, part: str) -> None:
        for container in self._containers(part):
            if container.state in ("running", "paused"):
                continue
            self._usage_of_containers().started_by_hand(container.id)
            if (
                container.state == "restarting"
            ):  # the engine waits ever longer, and to start it again now changes nothing
                self._engine.restart(container.id, STOP_SECONDS)
            else:
                self._engine.start(container.id)

    def pause(self, part: str) -> None:
        for container in self._containers(part):
            self._engine.pause(container.id)

    def resume(self, part: str) -> None:
        for container in self._containers(part):
            self._thaw(container)

    def restart(self, part: str) -> None:
        for container in self._containers(part):
            self._thaw(container)
            self._usage_of_containers().started_by_hand(container.id)
            self._engine.restart(container.id, STOP_SECONDS)

    def cut(self, part: str) -> None:
        for container in self._containers(part):
            if container.id not in self._cut:
                self._cut[container.id] = self._engine.disconnect(container.id)

    def mend(self, part: str) -> None:
        for container in self._containers(part):
            if networks := self._cut.get(container.id):
                self._engine.connect(container.id, networks)
                del self._cut[container.id]

    def fill(self, part: str) -> None:
        self._engine.run(self._disks(part), filled(part))

    def unfill(self, part: str) -> None:
        self._engine.run(self._disks(part), emptied(part))

    def _disks(self, part: str) -> str:
        """The container that has all disks."""
        self._containers(part)
        for container in self._engine.containers():
            if container.service == DISKS and part in self._composition.stores:
                return container.id
        raise Unsupported(
            f"{part} has no disk of its own. Only stores have one, in an environment that was opened with `disk_bytes`."
        )

    def limit(self, part: str, *, cpus: float | None = None, memory_bytes: int | None = None) -> None:
        for container in self._containers(part):
            self._engine.limit(container.id, cpus, memory_bytes)

    def usage(self) -> dict[str, Usage]:
        """By parts; that of replicas is added up, their peaks as well, though they need not have come together."""
        listed = self._engine.containers()
        used = self._usage_of_containers()
        found = {
            part: used.read([each for each in listed if each.service == name]) for part, name in self._services.items()
        }
        return {part: usage for part, usage in found.items() if usage is not None}

    def control_urls(self, part: str) -> Sequence[str]:
        """None of a replica that does not run or is cut off: its port is another one each time it starts."""
        return control_urls(self._containers(part)) if part in self._composition.services else ()

    def logs(self, part: str) -> str:
        return "".join(self._engine.logs(container.id) for container in self._containers(part))

    def _containers(self, part: str) -> list[Container]:
        if part not in self._services:
            raise UsageError(f"There is no `{part}`; there are {', '.join(self.parts())}.")
        found = [each for each in self._engine.containers() if each.service == self._services[part]]
        if not found:
            raise ProvisionError("The environment has not been created yet, or has been removed.")
        return found

    def _thaw(self, container: Container) -> None:
        if container.state == "paused":
            self._engine.unpause(container.id)

    def _usage_of_containers(self) -> ContainerUsage:
        if self._used is None:
            self._used = ContainerUsage(self._engine, Cgroups.of_this_machine())
        return self._used


def control_urls(containers: Sequence[Container]) -> Sequence[str]:
    return tuple(
        f"http://127.0.0.1:{each.ports[PORT]}" for each in containers if each.state == "running" and PORT in each.ports
    )
