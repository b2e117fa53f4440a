"""What a packaging is to the experiment: something made once, and started for every trial."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.measurement.bench import Bench

MODULE = ("python", "-m", "twinshop.translate")
"""What every packaging runs, as the image says it too."""
ENVIRONMENT = {"TWINSHOP_SHAPE": "packaging", "TRANSLATE_ENGINE_SECONDS": "60"}
"""The same for all. An engine in an emulated machine needs more time than the service gives it by default."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """
    Where what is to be started gets made.

    Attributes:
        root: the repository.
        sources: a copy of it with one changed line of the component, so that it has to be repackaged.
        folder: keeps what is made.
        options: of the experiment.
    """

    root: Path
    sources: Path
    folder: Path
    options: PackagingOptions


@dataclass(frozen=True, slots=True)
class Artefact:
    """
    What is shipped.

    Attributes:
        place: of it: a folder, an image, a disk.
        build_seconds: to rebuild all of it after one changed line, with all packages fetched before.
        bytes: on the disk, by figure.
        detail: what else is to be known, as JSON.
    """

    place: str
    build_seconds: float
    bytes: Mapping[str, int]
    detail: Mapping[str, Any] = field(default_factory=dict)


class Started(Protocol):
    """The component, started. It may not answer yet."""

    since: float
    """The moment of the start by `time.perf_counter`."""
    url: str

    def ended(self) -> str | None:
        """Why it does not run any more, with its last words; None while it runs."""

    def cpu_seconds(self) -> float:
        """CPU time so far of all that runs for it alone."""

    def memory(self) -> Mapping[str, int]:
        """Bytes by figure: `host_memory_bytes` is the PSS of all that runs for it alone, where it can be read."""

    def probe(self, code: str, argument: str) -> str:
        """What a Python program prints that runs beside the component, as its user. Raises LabError."""

    def user_outside(self) -> int:
        """The user id as which its processes run, as the host sees it."""


class Packaging(Protocol):
    """One way to ship and run the component."""

    def missing(self, options: PackagingOptions) -> str | None:
        """Why it cannot be had on this machine."""

    def prepare(self, workshop: Workshop) -> Artefact:
        """Make it. Raises Unsupported, LabError."""

    def start(self, artefact: Artefact, bench: Bench) -> AbstractContextManager[Started]:
        """On the shop's processors. It has ended when the block is left, whatever happens."""
