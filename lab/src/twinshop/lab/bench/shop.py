"""The shop of a benchmark: a site that is up, and what its processes use."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twinshop.lab import repository
from twinshop.lab.environments.open import open_site
from twinshop.lab.environments.protocol import Runtime, Site, SiteOptions
from twinshop.lab.shapes import Shape

Rows = Mapping[str, list[dict[str, Any]]]
"""What was measured, by the name of its table."""


@contextmanager
def created(
    shape: Shape,
    runtime: Runtime = "local",
    core: int | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Site]:
    """A site on one core, if one is given, of which nothing stays; it is not started yet."""
    options = SiteOptions(cores=None if core is None else (core,), environment=environment)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_site(shape, runtime, repository.repository(), Path(folder), options) as site,
    ):
        site.create()
        yield site


def cpu_seconds(site: Site) -> float:
    """Of all its processes since they were started, without the stores, which both shapes have alike."""
    used = site.usage()
    return sum(used[process.name].cpu_seconds for process in site.shape.processes)


def memory(site: Site) -> dict[str, int]:
    """Bytes of each process, likewise."""
    used = site.usage()
    return {process.name: used[process.name].memory_bytes for process in site.shape.processes}
