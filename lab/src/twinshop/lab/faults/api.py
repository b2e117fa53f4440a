"""Fault definition: how to inject it, how to revert it, and its chart colour."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from twinshop.contracts.components import CALLED
from twinshop.lab.environments.protocol import Environment, Recoverable, Runtime
from twinshop.lab.environments.shield import shielded
from twinshop.lab.errors import Unsupported
from twinshop.lab.shapes import COMPONENTS

RUNTIMES: tuple[Runtime, ...] = ("local", "docker")
EVERYWHERE: tuple[Runtime, ...] = (*RUNTIMES, "cluster")
NO_FOLDER = "bugs are reverted through a folder that the lab shares with the processes, which pods do not have."
PORTS = CALLED
"""The components with a port, into which bugs are injected. Only visitors call the storefront."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """
    Specification of a fault: duration, seed and members.

    Attributes:
        seconds: a bug reverts by itself after this time; a fault of a process lasts until it is reverted.
        seed: decides which calls a bug affects, if it affects only some.
        members: of the bug, instead of those of the catalogue: see docs/faults.md.
        ratio: share of the calls that a bug affects, if other than that of the catalogue, which is all by default.
    """

    seconds: float = 60.0
    seed: int = 0
    members: Mapping[str, JsonValue] = field(default_factory=dict)
    ratio: float | None = None


STANDARD = FaultSpec()


@dataclass(frozen=True, slots=True)
class Fault:
    """
    Definition of a fault. It does the same in every shape.

    Attributes:
        name: on the command line and in results.
        title: for people.
        colour: of its time on charts.
        layer: where it acts: the `process` that hosts the component, its `code` (the same bug at the same point), or
            its `store`.
        mono, micro: what it was seen to do to the pages of each shape; docs/reference/faults.md.
        group: of faults that act alike, in the report; `hogs` take what a process has only once: its memory, its event
            loop, its life.
        does: injects it into a component of an environment. Raises LabError if it could not be injected.
        undoes: reverts it; does nothing if there is nothing to revert, or if the target has died since.
        targets: the components that can have it.
        runtimes: those that can do it.
        why: what the other runtimes lack, to a person.
        lasts: until it is reverted, or its time is up; otherwise the supervisor of the process repairs it at once.
    """

    name: str
    title: str
    colour: str
    layer: Literal["process", "code", "store"]
    mono: str
    micro: str
    group: Literal["process", "hogs", "calls", "stores"]
    does: Callable[[Environment, str, FaultSpec], None]
    undoes: Callable[[Recoverable, str], None]
    targets: tuple[str, ...] = COMPONENTS
    runtimes: tuple[Runtime, ...] = RUNTIMES
    why: str = NO_FOLDER
    lasts: bool = True

    def require(self, environment: Environment, component: str) -> None:
        """Raises Unsupported: this component cannot have it, or this runtime cannot do it."""
        if component not in self.targets:
            raise Unsupported(f"{component} cannot have the fault {self.name}. Choose from {', '.join(self.targets)}.")
        if environment.runtime not in self.runtimes:
            raise Unsupported(f"The {environment.runtime} runtime cannot inject {self.name}: {self.why}")

    def inject(self, environment: Environment, component: str, spec: FaultSpec = STANDARD) -> None:
        """
        Inject the fault into a component. It is active when this returns.

        Raises:
            Unsupported: it cannot be done there.
            LabError: it could not be injected, and nothing of it stays.
        """
        self.require(environment, component)
        self.does(environment, component, spec)

    def revert(self, environment: Recoverable, component: str) -> None:
        """Revert the fault. Safe at any time, also twice or if the target is dead. Raises LabError."""
        self.undoes(environment, component)

    @contextmanager
    def on(self, environment: Environment, component: str, spec: FaultSpec = STANDARD) -> Iterator[None]:
        """Inject the fault for the block, and revert it at the end, whatever happens."""
        self.require(environment, component)
        try:
            self.does(environment, component, spec)
            yield
        finally:
            with shielded():
                self.undoes(environment, component)
