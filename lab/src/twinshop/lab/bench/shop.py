"""The shop of a benchmark: an environment that is up, and what its processes use."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twinshop.lab import repository
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import Environment, EnvironmentOptions, Runtime
from twinshop.lab.shapes import Shape

Rows = Mapping[str, list[dict[str, Any]]]
"""What was measured, by the name of its table."""


@contextmanager
def created(
    shape: Shape,
    runtime: Runtime = "local",
    core: int | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Environment]:
    """An environment on one core, if one is given, of which nothing stays; it is not started yet."""
    options = EnvironmentOptions(cores=None if core is None else (core,), environment=variables)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_environment(shape, runtime, repository.repository(), Path(folder), options) as environment,
    ):
        environment.create()
        yield environment


def cpu_seconds(environment: Environment) -> float:
    """Of all its processes since they were started, without the stores, which both shapes have alike."""
    used = environment.usage()
    return sum(used[process.name].cpu_seconds for process in environment.shape.processes)


def memory(environment: Environment) -> dict[str, int]:
    """Bytes of each process, likewise."""
    used = environment.usage()
    return {process.name: used[process.name].memory_bytes for process in environment.shape.processes}
