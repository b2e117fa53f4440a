"""The layers of an image, and which of them images share."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twinshop.lab.environments.docker import docker
from twinshop.lab.errors import ProvisionError

SETTINGS = frozenset(
    {"ENV", "USER", "EXPOSE", "HEALTHCHECK", "CMD", "ENTRYPOINT", "LABEL", "ARG", "STOPSIGNAL", "SHELL", "VOLUME"}
    | {"ONBUILD", "MAINTAINER"}
)
"""Instructions that change the image's settings and no file: they make no layer."""
ASK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Layer:
    """
    A layer of an image.

    Attributes:
        instruction: what made it.
        bytes: of its files, not compressed.
        content: digest of its content; a registry that has it is not sent it again.
        chain: digest of it and all layers under it; the engine keeps it once on the disk.
        base: whether it belongs to the base image.
    """

    instruction: str
    bytes: int
    content: str
    chain: str
    base: bool


def size(layers: Sequence[Layer]) -> int:
    """Bytes."""
    return sum(layer.bytes for layer in layers)


def read(image: str, own: int) -> list[Layer]:
    """
    The layers of an image that the engine has, from the bottom up.

    Args:
        image: its tag or id.
        own: the number of history entries on top of the base image.

    Raises:
        LabError: there is no such image.
    """
    inspected = docker.output(["docker", "image", "inspect", image], ASK_SECONDS)
    wanted = ("--no-trunc", "--human=false", "--format", "{{json .}}")
    history = docker.output(["docker", "history", *wanted, image], ASK_SECONDS)
    digests = json.loads(inspected)[0]["RootFS"]["Layers"]
    return from_history(image, docker.rows(history), digests, own)


def from_history(image: str, history: Sequence[Mapping[str, Any]], digests: Sequence[str], own: int) -> list[Layer]:
    """From the engine's answers: the history has the last entry first, the digests have the lowest layer first."""
    entries = [(_spoken(row), int(row["Size"]), at < own) for at, row in enumerate(history)]
    made = [entry for entry in reversed(entries) if entry[1] or entry[0].split(" ")[0] not in SETTINGS]
    # The old builder made no layer of an instruction that left the files as they were; BuildKit makes an empty one.
    for entry in [entry for entry in made if not entry[1]][: max(0, len(made) - len(digests))]:
        made.remove(entry)
    if len(made) != len(digests):
        raise ProvisionError(
            f"The history of {image} tells of {len(made)} layers, and the image has {len(digests)}: cannot match them."
        )
    layers: list[Layer] = []
    chain = ""
    for (instruction, bytes_, ours), content in zip(made, digests, strict=True):
        # the chain id of the OCI image specification
        chain = f"sha256:{hashlib.sha256(f'{chain} {content}'.encode()).hexdigest()}" if chain else content
        layers.append(Layer(instruction, bytes_, content, chain, not ours))
    return layers


def _spoken(row: Mapping[str, Any]) -> str:
    """An entry as a person would have written it: what BuildKit and the old builder put round it is left out."""
    text = re.sub(r"\s+", " ", row["CreatedBy"]).strip().removesuffix("# buildkit").strip()
    text = re.sub(r"^(?:RUN )?(?:\|\d+ (?:\w+=\S* )*)?/bin/sh -c (?!#\(nop\))", "RUN ", text)
    text = re.sub(r"^/bin/sh -c #\(nop\) ", "", text).strip()
    return text or str(row.get("Comment") or "unknown")


def shared_with(name: str, images: Mapping[str, Sequence[Layer]]) -> list[list[str]]:
    """For each layer of an image the other images that stand on the same one."""
    others = {other: {layer.chain for layer in layers} for other, layers in images.items() if other != name}
    return [[other for other, chains in others.items() if layer.chain in chains] for layer in images[name]]


def unique_bytes(name: str, images: Mapping[str, Sequence[Layer]]) -> int:
    """Bytes that the disk keeps for this image alone: what removing it would free."""
    shared = shared_with(name, images)
    return sum(layer.bytes for layer, others in zip(images[name], shared, strict=True) if not others)


def disk_bytes(images: Mapping[str, Sequence[Layer]]) -> int:
    """Bytes that the disk keeps for all of them together."""
    return sum({layer.chain: layer.bytes for layers in images.values() for layer in layers}.values())


def new_layers(before: Sequence[Layer], after: Sequence[Layer]) -> list[Layer]:
    """Layers of the later image whose content the earlier one does not have: what a deployment has to carry."""
    known = {layer.content for layer in before}
    return [layer for layer in after if layer.content not in known]
