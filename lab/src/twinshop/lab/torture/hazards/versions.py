"""Two versions of the storefront side by side."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from twinshop.lab.environments import external
from twinshop.lab.environments.docker.build import build
from twinshop.lab.environments.sources import changed_line, copied
from twinshop.lab.experiments.deployment.design import targets
from twinshop.lab.measurement.versions import VersionWatch, mixed_seconds
from twinshop.lab.shapes import Shape
from twinshop.lab.torture.api import CONTAINERS, Hazard, Scene, Step

NAME = "mixed-versions"
READY_SECONDS = 60.0
REMOVE_SECONDS = 60.0


@contextmanager
def versions(root: Path, shape: Shape) -> Iterator[list[str]]:
    """
    The images of the storefront's process: as it is, and with a changed line in it, which is gone at the end.

    Raises LabError: it cannot be built.
    """
    ((_, image),) = targets(shape, "storefront").items()
    token = secrets.token_hex(8)
    tag = f"twinshop-torture/{image.name}:{token}"
    try:
        with copied(root) as sources, changed_line(sources, "storefront", token):
            build(sources, image.dockerfile, tag=tag)
        yield [image.tag, tag]
    finally:
        external.run(["docker", "image", "rm", "--force", tag], timeout=REMOVE_SECONDS)


def _mixed(scene: Scene, _: Step) -> str | None:
    """Roll the other version out; the next time it is rolled back."""
    environment, part = scene.environment, scene.front
    with VersionWatch(environment, (part,)) as watch:
        before = watch.now().codes[part]
        begun = time.monotonic()
        running, other = scene.images
        environment.deploy({part: other}, rolling=True, seconds=READY_SECONDS)
        scene.images[:] = [other, running]
    if not before:
        return None
    mixed = mixed_seconds(watch.samples, {part: before[0]}, begun, time.monotonic())
    return f"{part}: two versions side by side for {mixed:.1f} s" if mixed else None


HAZARDS: Sequence[Hazard] = (
    Hazard(
        name=NAME,
        does="Another version of the storefront is rolled out, one replica after the other.",
        recovery="It stays until it is rolled back in the same way.",
        keeps="Orders begun by one version and continued by the other.",
        run=_mixed,
        runtimes=CONTAINERS,
        why="processes run from the checkout, not from images.",
    ),
)
