"""Which runtime carries a shape, and which shops there are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from twinshop.lab.deployment import api, docker
from twinshop.lab.deployment.api import Deployment, DeploymentError
from twinshop.lab.deployment.compose import ComposeDeployment
from twinshop.lab.deployment.local import LocalDeployment
from twinshop.lab.deployment.shape import MICRO, MONO, Shape, parse

Runtime = Literal["auto", "local", "docker"]
RUNTIMES: tuple[Runtime, ...] = ("auto", "local", "docker")


def choose(shape: Shape, runtime: Runtime, root: Path, say: Callable[[str], None] = print) -> Deployment:
    """Where to bring `shape` up: `auto` takes Docker if it is usable and has the shape, unless it runs locally."""
    local = LocalDeployment(shape, root, say)
    if runtime == "local":
        return local
    why_not = docker.unusable()
    if runtime == "docker":
        if why_not:
            raise DeploymentError(f"Docker cannot be used: {why_not}.\nWithout Docker: RUNTIME=local")
        return ComposeDeployment(shape, root, say)
    if api.running(local.ps()):
        return local
    if why_not:
        say(f"Docker cannot be used ({why_not}): the shop runs without it.")
        return local
    return ComposeDeployment(shape, root, say) if shape.name in (MONO.name, MICRO.name) else local


def known(name: str | None, runtime: Runtime, root: Path, port: int | None = None) -> list[Deployment]:
    """The deployments that `name` (a shape, a grouping, or a folder in `.run`) may mean; of all shapes without it."""
    shapes = [_shape(name, root, port)] if name else [MONO, MICRO, *_others(root)]
    found: list[Deployment] = []
    if runtime in ("auto", "local"):
        found += [LocalDeployment(shape, root) for shape in shapes]
    if runtime == "docker" or (runtime == "auto" and docker.unusable() is None):
        carried = (shape for shape in shapes if (root / "compose" / f"{shape.name}.yaml").is_file())
        found += [ComposeDeployment(shape, root) for shape in carried]
    return found


def _shape(name: str, root: Path, port: int | None) -> Shape:
    earlier = next((shape for shape in _others(root) if shape.name == name), None)
    return earlier or parse(name, port)


def _others(root: Path) -> list[Shape]:
    """The groupings that were brought up here at some time."""
    files = sorted((root / ".run").glob("*/shape.json"))
    shapes = (Shape.from_json(json.loads(file.read_text())) for file in files)
    return [shape for shape in shapes if shape.name not in (MONO.name, MICRO.name)]
