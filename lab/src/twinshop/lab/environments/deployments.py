"""Which runtime carries a shape, and which shops there are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.docker.lifecycle import ComposeDeployment
from twinshop.lab.environments.lifecycle import Deployment, running
from twinshop.lab.environments.local.lifecycle import LocalDeployment
from twinshop.lab.errors import ProvisionError
from twinshop.lab.shapes import MICRO, MONO, Shape, parse

Runtime = Literal["auto", "local", "docker", "cluster"]
RUNTIMES: tuple[Runtime, ...] = ("auto", "local", "docker", "cluster")


def choose(shape: Shape, runtime: Runtime, root: Path, say: Callable[[str], None] = print) -> Deployment:
    """Where to bring `shape` up: `auto` takes Docker if it is usable, unless the shape runs locally."""
    local = LocalDeployment(shape, root, say)
    if runtime == "local":
        return local
    if runtime == "cluster":
        return _on_a_cluster(shape, root, say)
    why_not = docker.unusable(podman=True)
    if runtime == "docker":
        if why_not:
            raise ProvisionError(f"Docker cannot be used: {why_not}.\nWithout Docker: RUNTIME=local")
        return ComposeDeployment(shape, root, say)
    if running(local.ps()):
        return local
    if why_not:
        say(f"Docker cannot be used ({why_not}): the shop runs without it.")
        return local
    return ComposeDeployment(shape, root, say)


def known(
    name: str | None, runtime: Runtime, root: Path, port: int | None = None, *, data: bool = False
) -> list[Deployment]:
    """
    The deployments that a name and a port may mean.

    Args:
        name: a shape (wherever it listens, unless a port is given), a grouping, or a folder in `.run`; None: all.
        runtime: where to look.
        root: the repository.
        port: the first of the shape.
        data: it is about their data: a shape then means the one at its own port alone.
    """
    run_locally, run_by_docker = _others(root / ".run"), _others(root / ".run" / "docker")
    found: list[Deployment] = []
    if runtime in ("auto", "local"):
        found += [LocalDeployment(shape, root) for shape in _meant(name, run_locally, run_by_docker, port, alone=data)]
    if runtime == "docker" or (runtime == "auto" and docker.unusable(podman=True) is None):
        carried = (
            ComposeDeployment(shape, root) for shape in _meant(name, run_by_docker, run_locally, port, alone=data)
        )
        found += [deployment for deployment in carried if deployment.exists]
    if runtime == "cluster":
        found += [
            _on_a_cluster(shape, root)
            for shape in _meant(name, _others(root / ".run" / "cluster"), [], port, alone=data)
        ]
    return found


def _on_a_cluster(shape: Shape, root: Path, say: Callable[[str], None] = print) -> Deployment:
    from twinshop.lab.environments.kubernetes.lifecycle import ClusterDeployment  # noqa: PLC0415 - YAML and pydantic

    return ClusterDeployment(shape, root, say)


def _meant(
    name: str | None, own: list[Shape], of_the_other: list[Shape], port: int | None, *, alone: bool
) -> list[Shape]:
    """The shapes of one runtime; the other may have another grouping under the same name, which is that of a port."""
    everything = [MONO, MICRO, *own]
    if name is None:
        return [shape for shape in everything if port in (None, shape.port)]
    if name in (MONO.name, MICRO.name) and port is None and not alone:
        return [shape for shape in everything if shape.name.partition("-")[0] == name]
    earlier = next((shape for shape in (*own, *of_the_other) if shape.name == name), None)
    return [earlier or parse(name, port)]


def _others(folder: Path) -> list[Shape]:
    """Return the shapes on other ports, and the groupings, that were started here before."""
    files = sorted(folder.glob("*/shape.json"))
    shapes = (Shape.from_json(json.loads(file.read_text())) for file in files)
    return [shape for shape in shapes if shape.name not in (MONO.name, MICRO.name)]
