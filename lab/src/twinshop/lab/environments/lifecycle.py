"""Operations that every deployment offers, on any runtime."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from twinshop.lab.shapes import Shape

State = Literal["ready", "not ready", "starting", "restarting", "crashed", "stopped"]


@dataclass(frozen=True, slots=True)
class Status:
    """
    State of one part of the shop.

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
        """Return the address for visitors."""

    def up(self, seconds: float) -> bool:
        """
        Start it and wait until everything is ready. Return False if it was running already.

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
        """Return the state of each part; all are `stopped` when the shop is down."""

    def logs(self, names: Sequence[str] = (), *, lines: int = 50, follow: bool = False) -> None:
        """Print the last lines of all parts or of these (processes or components), and those to come."""

    def down(self, *, delete: bool = False) -> bool:
        """Stop everything, and `delete` the data if asked. Return False if nothing was running."""

    def import_products(self, file: Path) -> bool:
        """
        Replace the catalogue of the shop that runs by a file's products; False if the catalogue refused the file.

        The catalogue's own words, how far it is among them, go to standard error.

        Raises:
            Unsupported: this runtime cannot.
        """


def running(states: Sequence[Status]) -> bool:
    """Return whether any part exists."""
    return any(each.state != "stopped" for each in states)


def ready(states: Sequence[Status]) -> bool:
    return bool(states) and all(each.state == "ready" for each in states)
