"""Images with a patch in them, made from copies of the sources."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.environments import external
from twinshop.lab.environments.docker import layers
from twinshop.lab.environments.docker.build import build
from twinshop.lab.environments.docker.images import Image, own_instructions
from twinshop.lab.environments.docker.layers import Layer
from twinshop.lab.environments.sources import bad_line, changed_line, copied

ASK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Patched:
    """
    A change, built.

    Attributes:
        good, bad: images by process: with one changed line, and with one that lets no process come up.
        build_seconds: of the good images, one after the other, with the cache of the images before.
        new_bytes: size of the layers that the good images add to the images before, each counted once.
    """

    good: Mapping[str, str]
    bad: Mapping[str, str]
    build_seconds: float
    new_bytes: int


@contextmanager
def patched(root: Path, part: str, targets: Mapping[str, Image]) -> Iterator[Patched]:
    """
    Build a good and a bad patch of one part; the images are gone at the end.

    Args:
        root: the repository; the images before are built from it already.
        part: a component, or `contracts`.
        targets: the processes whose images are to have it.

    Raises:
        LabError: an image cannot be built.
    """
    token = secrets.token_hex(8)
    tags: list[str] = []

    def built(sources: Path, kind: str) -> tuple[dict[str, str], float]:
        seconds, images = 0.0, {}
        for process, image in targets.items():
            images[process] = f"twinshop-deploy/{image.name}:{kind}-{token}"
            tags.append(images[process])
            seconds += build(sources, image.dockerfile, tag=images[process]).seconds
        return images, seconds

    try:
        with copied(root) as sources:
            with changed_line(sources, part, token):
                good, seconds = built(sources, "good")
            with bad_line(sources, part, token):
                bad, _ = built(sources, "bad")
        new: dict[str, Layer] = {}
        for process, image in targets.items():
            own = len(own_instructions(root / image.dockerfile))
            added = layers.new_layers(layers.read(image.tag, own), layers.read(good[process], own))
            new |= {layer.content: layer for layer in added}
        yield Patched(good, bad, seconds, layers.size(list(new.values())))
    finally:
        external.run(["docker", "image", "rm", "--force", *tags], timeout=ASK_SECONDS)
