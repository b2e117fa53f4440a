"""What every deployment offers, whatever carries it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from twinshop.lab.shapes import Shape

State = Literal["ready", "not ready", "starting", "restarting", "crashed", "stopped"]


@dataclass(frozen=True, slots=True)
class Status:
    """
    How one part of the shop is.

    Attributes:
        name: the process or service.
        state: `restarting` will be tried again, `crashed` was given up.
        where: its process or container, and port.
        detail: what it says about itself.
        pid: on the local runtime.
    """

    name: str
    state: State
    where: str = ""
    detail: str = ""
    pid: int | None = None


class Deployment(Protocol):
    """A shape on a runtime. It holds no connection: two objects for the same shape see the same shop."""

    @property
    def shape(self) -> Shape:
        """The shape that is deployed."""

    @property
    def runtime(self) -> Literal["local", "docker", "cluster"]:
        """The runtime that runs it."""

    @property
    def title(self) -> str:
        """Such as `mono on the local runtime`."""

    @property
    def url(self) -> str:
        """Where visitors go."""

    def up(self, seconds: float) -> bool:
        """
        Bring it up and wait until everything is ready; False if it was up already.

        Raises:
            LabError: it is not up after `seconds`; whatever had started is stopped again.
        """

    def wait(self, seconds: float) -> None:
        """
        Wait until everything is ready.

        Raises:
            LabError: something crashed, or is not ready after `seconds`.
        """

    def ps(self) -> list[Status]:
        """How each part is; all are `stopped` when the shop is down."""

    def logs(self, names: Sequence[str] = (), *, lines: int = 50, follow: bool = False) -> None:
        """Print the last lines of all parts or of these (processes or components), and those to come."""

    def down(self, *, delete: bool = False) -> bool:
        """Stop everything; `delete` the data as well. False if nothing ran."""

    def import_products(self, file: Path) -> bool:
        """
        Replace the catalogue of the shop that runs by a file's products; False if the catalogue refused the file.

        The catalogue's own words, how far it is among them, go to standard error.

        Raises:
            Unsupported: this runtime cannot.
        """


def running(states: Sequence[Status]) -> bool:
    """Whether any part is there at all."""
    return any(each.state != "stopped" for each in states)


def ready(states: Sequence[Status]) -> bool:
    return bool(states) and all(each.state == "ready" for each in states)
