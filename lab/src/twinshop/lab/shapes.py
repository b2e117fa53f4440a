"""Shapes as data: which components share a process, and where each process listens."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from twinshop.contracts.components import NAMES
from twinshop.lab.errors import UsageError

COMPONENTS = NAMES
GROUPING_PORT = 8300
"""First port of a grouping by default; the two shapes have 8100 and 8200."""
REDIS_OFFSET = 9
"""Offset of the Redis port from the first port of the shape."""


@dataclass(frozen=True, slots=True)
class Process:
    """
    One process of a shape.

    Attributes:
        name: of its logs and in tables.
        components: what it hosts.
        port: where it listens.
        module: what `python -m` runs.
        workers: processes that share its port.
    """

    name: str
    components: tuple[str, ...]
    port: int
    module: str
    workers: int = 1

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to divide the shop into processes; the first of them hosts the storefront."""

    name: str
    processes: tuple[Process, ...]
    redis_port: int

    @property
    def port(self) -> int:
        return self.processes[0].port

    @property
    def url(self) -> str:
        """Return the address for visitors."""
        return f"http://localhost:{self.port}"

    def host_of(self, component: str) -> Process:
        return next(process for process in self.processes if component in process.components)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Shape":
        processes = (Process(**{**each, "components": tuple(each["components"])}) for each in data["processes"])
        return cls(data["name"], tuple(processes), data["redis_port"])


def _process(components: tuple[str, ...], port: int) -> Process:
    if len(components) == 1:
        return Process(components[0], components, port, f"twinshop.{components[0]}")
    name = "mono" if set(components) == set(COMPONENTS) else "-".join(components)
    return Process(name, components, port, "twinshop.monolith")


def group(name: str, groups: Sequence[tuple[str, ...]], port: int) -> Shape:
    """The shape with these processes, on ports from `port` on: the storefront's first, the others as they come."""
    ordered = sorted(groups, key=lambda components: "storefront" not in components)
    processes = (_process(components, port + offset) for offset, components in enumerate(ordered))
    return Shape(name, tuple(processes), port + REDIS_OFFSET)


_MONO, _MICRO = (COMPONENTS,), tuple((component,) for component in COMPONENTS)
MONO = group("mono", _MONO, 8100)
MICRO = group("micro", _MICRO, 8200)


def parse(text: str, port: int | None = None) -> Shape:
    """Return the shape named `mono`, `micro` or by a grouping such as `storefront+cart,catalog+payment,translate`."""
    if port is not None and not 1024 <= port <= 65535 - REDIS_OFFSET:  # noqa: PLR2004 - the ports anybody may open
        raise UsageError(f"invalid port {port}: write a number between 1024 and {65535 - REDIS_OFFSET}")
    for preset, groups in ((MONO, _MONO), (MICRO, _MICRO)):
        if text == preset.name:
            return preset if port is None or port == preset.port else group(f"{text}-{port}", groups, port)
    divided = [tuple(name.strip() for name in part.split("+")) for part in text.split(",")]
    named = [name for part in divided for name in part]
    wrong = [
        *(f"`{name}` is not a component" for name in dict.fromkeys(named) if name not in COMPONENTS),
        *(f"{name} appears twice" for name in COMPONENTS if named.count(name) > 1),
        *(f"{name} is missing" for name in COMPONENTS if name not in named),
    ]
    if wrong:
        raise UsageError(
            f"invalid shape '{text}': {', '.join(wrong)}. Write mono, micro, or each of "
            f"{', '.join(COMPONENTS)} once: `+` puts components into one process, `,` begins the next."
        )
    first = port or GROUPING_PORT
    return group(f"custom-{first}", divided, first)


def with_workers(shape: Shape, environment: Mapping[str, str]) -> Shape:
    """The same with the number of workers taken from variables such as `MONO_WORKERS` and `STOREFRONT_WORKERS`."""

    def workers(process: Process) -> int:
        variable = process.name.upper().replace("-", "_") + "_WORKERS"
        text = environment.get(variable) or str(process.workers)
        if not text.isdecimal() or int(text) < 1:
            raise UsageError(f"{variable} must be a whole number above zero, not `{text}`.")
        return int(text)

    return replace(shape, processes=tuple(replace(process, workers=workers(process)) for process in shape.processes))
