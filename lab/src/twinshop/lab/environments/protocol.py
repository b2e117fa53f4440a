"""
A shop under test: deployed for one trial, observed, and faulted.

Beside `Deployment` (the shop that people use) there is an `Environment`: a shape with data, ports and settings of its
own, which an experiment creates and throws away. What a runtime cannot do raises `Unsupported`; it is reported, never
faked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal, Protocol

from twinshop.lab.shapes import Shape

Runtime = Literal["docker", "local", "cluster"]
Store = Literal["redis", "database"]
"""`database` means that of the component asked about, or all of them in a shape with one database for all."""


@dataclass(frozen=True, slots=True)
class EnvironmentOptions:
    """
    Settings of an environment.

    Attributes:
        cores: the processors on which everything of the shop runs, its databases and Redis too; None: all (not on a
            cluster).
        cpus: a total budget for everything of the shop in processors, such as 0.5 (Docker only).
        memory_bytes: a total budget of memory (Docker only).
        replicas: how many of a process there are (not locally), by its name in the shape.
        workers: how many workers a process has, by its name.
        environment: further variables for all processes of the shop.
        faults: whether faults can be injected; the token is made by the environment.
        stock: pieces of every product; by default enough that no run sells out.
        disk_bytes: each store has a disk of its own of this size, in memory, that can be filled (Docker only). What
            is on it does not outlive `stop`.
        secret: signs the visitors' cookies. Shops that one browser visits by the same host name need the same one:
            cookies know no ports.
    """

    cores: tuple[int, ...] | None = None
    cpus: float | None = None
    memory_bytes: int | None = None
    replicas: Mapping[str, int] = field(default_factory=dict)
    workers: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    faults: bool = False
    stock: int = 10**6
    disk_bytes: int | None = None
    secret: str = field(default_factory=partial(token_hex, 16), repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """
    Resource usage of a part.

    Attributes:
        cpu_seconds: since it was started, children included.
        memory_bytes: now.
        memory_kind: `pss` (of processes) or `cgroup` (the working set: usage less inactive file pages).
        peak_memory_bytes: the most so far, where the runtime can tell.
        memory_limit_bytes: the most that it may use before the kernel kills it, where there is a limit.
        received_bytes, sent_bytes: over its network, where the runtime can tell.
        throttled_seconds: time in which it wanted to run and its quota was used up, where there is a quota; summed over
            its processors.
        throttled_periods: in how many of the quota's periods (0.1 s each) that happened.
        starts: how often its supervisor restarted it.
    """

    cpu_seconds: float
    memory_bytes: int
    memory_kind: Literal["pss", "cgroup"]
    peak_memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    received_bytes: int | None = None
    sent_bytes: int | None = None
    throttled_seconds: float | None = None
    throttled_periods: int | None = None
    starts: int = 0


@dataclass(frozen=True, slots=True)
class Patched:
    """
    The result of a deployment.

    Attributes:
        build_seconds: of the image; None where there are no images.
        replace_seconds: from the first stop until all that was started is ready.
        started: how many processes or replicas were restarted.
    """

    build_seconds: float | None
    replace_seconds: float
    started: int


class Recoverable(Protocol):
    """What is needed to revert faults of an environment, also if its lab is gone."""

    @property
    def fault_folder(self) -> Path | None:
        """Folder in which its processes keep faults (TWINSHOP_FAULT_FOLDER), seen from here; None without faults."""

    def hosts(self, component: str) -> str:
        """Return the part that hosts a component."""

    def stores(self, component: str, store: Store) -> str:
        """Return the store part of a component. Raises Unsupported if it is not a process, as with SQLite."""

    def revive(self, part: str) -> None:
        """Start a part that was killed, stopped or is in backoff; a running part is left alone."""

    def resume(self, part: str) -> None: ...

    def mend(self, part: str) -> None: ...


class Environment(Recoverable, Protocol):
    """
    A shape under test.

    Parts have the names of the shape's processes (`mono`, `catalog`, `storefront-cart`); the stores are parts too:
    `redis`, except locally `database` or `catalog-db`, `payment-db`, and under Docker `edge`.
    """

    shape: Shape
    runtime: Runtime
    folder: Path

    @property
    def url(self) -> str:
        """Return the address for visitors: http://127.0.0.1:<port>, or a port of a cluster; known after `create`."""

    @property
    def token(self) -> str | None:
        """Return the token of the fault routes; None if no faults can be injected."""

    def create(self) -> None:
        """Create everything that can exist before the start: folders, images, networks, containers. Starts nothing."""

    def remains(self) -> Mapping[str, Any]:
        """Return as JSON what reverts its faults without this object, secrets included. See `environment.remains`."""

    def start(self) -> float:
        """Start everything without waiting. Return the start time by `time.perf_counter`."""

    def wait_ready(self, seconds: float = 120) -> float:
        """Wait until every part is ready. Return that time by `time.perf_counter`. Raises LabError."""

    def stop(self) -> None:
        """Stop everything. The data stay, so the next `start` is a warm one."""

    def remove(self) -> None:
        """Stop everything and delete the data. Safe at any time, also twice."""

    def parts(self) -> Sequence[str]: ...

    def kill(self, part: str) -> None:
        """Kill all its processes (SIGKILL). It stays down until `revive`. On a cluster its pods are deleted at once."""

    def crash(self, part: str) -> None:
        """Kill all its processes (SIGKILL). Its supervisor restarts it, on a cluster as another pod."""

    def pause(self, part: str) -> None:
        """Freeze it, by SIGSTOP or the freezer. Raises Unsupported where there is neither."""

    def restart(self, part: str) -> None:
        """Stop it gracefully and start it again."""

    def cut(self, part: str) -> None:
        """Disconnect it from the network of the shop. Raises Unsupported where it has no network of its own."""

    def fill(self, part: str) -> None:
        """Fill the disk of a store to its last byte. Raises Unsupported where it has none of its own (`disk_bytes`)."""

    def unfill(self, part: str) -> None:
        """Remove what `fill` has written; there may be nothing."""

    def scale(self, part: str, replicas: int) -> None: ...

    def limit(self, part: str, *, cpus: float | None = None, memory_bytes: int | None = None) -> None:
        """Limit each replica of a running part; on a cluster by replacing its pods. Raises Unsupported."""

    def deploy(self, images: Mapping[str, str], *, rolling: bool = False, seconds: float = 60) -> int:
        """
        Run parts from other images, one part after the other in this order; data stay.

        Args:
            images: part to the image that all its replicas are to have.
            rolling: a further replica is ready before an old one is stopped, one by one. Otherwise all replicas of a
                part are stopped, then started from the new image.
            seconds: how long a new replica may take to become ready.

        Returns:
            How many replicas were started.

        Raises:
            LabError: one does not become ready, or ends again and again. The parts before it have their new
                image, those after it the old one; deploying the old images rolls back.
            Unsupported: this runtime has no images.
        """

    def patch(self, component: str, sources: Path, seconds: float = 60) -> Patched:
        """
        Run the part that hosts a component from changed sources; data stay.

        Under Docker an image is built from them, and the containers of the part are recreated from it. On the local
        runtime its process is started again, and finds the code of this component there first.

        Args:
            component: whose code was changed.
            sources: a copy of the sources with the change (`environments.sources`). It has to stay with the
                environment.
            seconds: how long the part may take to become ready.

        Raises:
            LabError: it cannot be built, or does not become ready.
        """

    def usage(self) -> dict[str, Usage]:
        """Return the usage of each running part."""

    def total(self) -> Usage:
        """Return the usage of the whole shop; with a total budget, as counted by its control group."""

    def control_urls(self, part: str) -> Sequence[str]:
        """
        Return the loopback address of each replica's own port, for /readyz, /metrics and the fault routes.

        It bypasses the edge. Ask again after any change of the part: under Docker the port differs after each start.
        """

    def logs(self, part: str) -> str: ...
