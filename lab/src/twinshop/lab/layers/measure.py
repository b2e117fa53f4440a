"""The builds behind `twinshop layers`."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twinshop.lab.environments.docker import docker, layers
from twinshop.lab.environments.docker.build import Build, build, remove
from twinshop.lab.environments.docker.images import IMAGES, SHARED, Image, own_instructions
from twinshop.lab.environments.docker.layers import Layer
from twinshop.lab.environments.sources import changed_line, copied

Row = dict[str, Any]


def read(root: Path, image: Image) -> list[Layer]:
    return layers.read(image.tag, len(own_instructions(root / image.dockerfile)))


def builds(root: Path, images: Sequence[Image], say: Callable[[str], None], *, cold: bool) -> list[Row]:
    """
    Build all images as `make up-*` does, then once more with nothing changed; before that without the cache, if `cold`.

    A cold build fetches all packages again; the base image is there already and is not fetched.
    """
    rows: list[Row] = []

    def note(image: Image, kind: str, made: Build) -> None:
        rows.append({"image": image.name, "kind": kind, **asdict(made)})
        say(f"  {image.name}, {kind}: {made.seconds:.1f} s, {made.cached} of {made.steps} steps from the cache")

    for image in images if cold else ():
        made = build(root, image.dockerfile, cache=False)
        remove(made.id)
        note(image, "cold", made)
    for image in images:
        note(image, "first", build(root, image.dockerfile, tag=image.tag))
    for image in images:
        note(image, "unchanged", build(root, image.dockerfile, tag=image.tag))
    return rows


def contents(root: Path, images: Sequence[Image]) -> tuple[list[Row], Row]:
    """Each image with its layers, and what all of ours that the engine has take on the disk."""
    known = {image.name: read(root, image) for image in IMAGES.values() if image in images or _there(image)}
    rows = []
    for image in images:
        own = known[image.name]
        shared = layers.shared_with(image.name, known)
        rows.append(
            {
                "image": image.name,
                "bytes": layers.size(own),
                "added_bytes": layers.size([layer for layer in own if not layer.base]),
                "unique_bytes": layers.unique_bytes(image.name, known),
                "layers": [{**asdict(layer), "also_in": also} for layer, also in zip(own, shared, strict=True)],
            }
        )
    total = {
        "images": list(known),
        "sum_bytes": sum(map(layers.size, known.values())),
        "disk_bytes": layers.disk_bytes(known),
    }
    return rows, total


def _there(image: Image) -> bool:
    return bool(docker.output(["docker", "image", "ls", "--quiet", image.tag], layers.ASK_SECONDS).strip())


def changes(root: Path, images: Sequence[Image], say: Callable[[str], None]) -> list[Row]:
    """
    Change one line of each part in a copy of the sources, and build every image in which that part stands.

    A line of a component is one for its image and for the monolith, a line of the contracts one for all of them.
    """
    before = {image.name: read(root, image) for image in images}
    own = dict.fromkeys(part for image in images for part in image.parts if part not in SHARED)
    rows = []
    with copied(root) as copy:
        for part in (*own, "contracts"):
            with changed_line(copy, part, secrets.token_hex(8)):
                for image in (image for image in images if part in image.parts):
                    rows.append(_change(root, copy, part, image, before[image.name]))
                    row = rows[-1]
                    say(f"  a line of {part}, {image.name}: {row['seconds']:.1f} s, {row['new_bytes']} new bytes")
    return rows


def _change(root: Path, copy: Path, part: str, image: Image, before: Sequence[Layer]) -> Row:
    made = build(copy, image.dockerfile)
    try:
        after = layers.read(made.id, len(own_instructions(root / image.dockerfile)))
    finally:
        remove(made.id)
    new = layers.new_layers(before, after)
    row = {
        "part": part,
        "image": image.name,
        "new_bytes": layers.size(new),
        "rebuilt": [each.instruction for each in new],
    }
    return {**row, **asdict(made)}
