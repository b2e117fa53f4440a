"""What the images weigh."""

import subprocess
from typing import Any

from twinshop.contracts.components import NAMES

BASE = "python:3.13-slim"
IMAGES = (*NAMES, "monolith")


def measure() -> list[dict[str, Any]]:
    """Bytes of each image, and what it adds to its base; all of them were built before."""
    base = _size(BASE)
    sizes = {name: _size(f"twinshop/{name}") for name in IMAGES}
    return [{"image": name, "bytes": size, "added_bytes": size - base} for name, size in sizes.items()]


def _size(image: str) -> int:
    command = ["docker", "image", "inspect", "-f", "{{.Size}}", image]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603
