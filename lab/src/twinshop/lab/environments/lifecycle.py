"""Operations that every deployment offers, on any runtime."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from twinshop.lab import repository
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


class Deployment(ABC):
    """
    A shape on a runtime. It holds no connection: two objects for the same shape see the same shop.

    Attributes:
        runtime: the runtime that runs it.
        shape: the shape that is deployed.
    """

    runtime: ClassVar[Literal["local", "docker", "cluster"]]

    def __init__(self, shape: Shape, root: Path, say: Callable[[str], None] = print) -> None:
        self.shape = shape
        self._root = root
        self._say = say
        self._name = shape.name if self.runtime == "local" else f"{self.runtime}/{shape.name}"
        self._folder = root / ".run" / self._name

    def _make_folder(self) -> None:
        """Make the folder of what it needs on the disk, with the shape in it."""
        repository.folder(self._root, self._name)
        (self._folder / "shape.json").write_text(json.dumps(self.shape.as_json(), indent=2) + "\n")

    def _shown(self, path: Path) -> Path:
        return path.relative_to(self._root)

    @property
    @abstractmethod
    def title(self) -> str:
        """Such as `mono on the local runtime`."""

    @property
    def url(self) -> str:
        """Return the address for visitors."""
        return self.shape.url

    @abstractmethod
    def up(self, seconds: float) -> bool:
        """
        Start it and wait until everything is ready. Return False if it was running already.

        Raises:
            LabError: it is not up after `seconds`; whatever had started is stopped again.
        """

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """
        Wait until everything is ready.

        Raises:
            LabError: something crashed, or is not ready after `seconds`.
        """

    @abstractmethod
    def ps(self) -> list[Status]:
        """Return the state of each part; all are `stopped` when the shop is down."""

    @abstractmethod
    def logs(self, names: Sequence[str] = (), *, lines: int = 50, follow: bool = False) -> None:
        """Print the last lines of all parts or of these (processes or components), and those to come."""

    @abstractmethod
    def down(self, *, delete: bool = False) -> bool:
        """Stop everything, and `delete` the data if asked. Return False if nothing was running."""

    @abstractmethod
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


def waiting(states: Sequence[Status]) -> list[str]:
    """Return a line for each part that is not ready."""
    return [f"    {each.name}: {each.state}, {each.detail}" for each in states if each.state != "ready"]
