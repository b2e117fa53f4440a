"""Startup under Docker, and what the images weigh."""

import asyncio
import os
import secrets
import subprocess
from pathlib import Path
from time import perf_counter
from typing import Any

from twinshop.lab.bench.startup import first

PORTS = {"mono": 8197, "micro": 8297}
BASE = "python:3.13-slim"
IMAGES = ("storefront", "catalog", "cart", "payment", "translate", "monolith")


class Project:
    """A compose project of its own, so that a shop that is up is left alone."""

    def __init__(self, root: Path, shape: str) -> None:
        self._root = root
        self._command = ("docker", "compose", "-p", f"twinshop-bench-{shape}", "-f", f"compose/{shape}.yaml")
        self._environment = {
            **os.environ,
            "TWINSHOP_PORT": str(PORTS[shape]),
            "TWINSHOP_SECRET": secrets.token_hex(16),
            "TWINSHOP_DB_PASSWORD": secrets.token_hex(16),
        }
        self.url = f"http://127.0.0.1:{PORTS[shape]}"

    def __call__(self, *arguments: str) -> None:
        subprocess.run(  # noqa: S603
            [*self._command, *arguments], cwd=self._root, env=self._environment, check=True, capture_output=True
        )


def measure_startup(root: Path, shapes: list[str], repeats: int) -> list[dict[str, Any]]:
    """As on the local runtime: all containers created on empty volumes, and stopped ones started again."""
    rows: list[dict[str, Any]] = []
    projects = {shape: Project(root, shape) for shape in shapes}
    for project in projects.values():
        project("build")
    for repeat in range(repeats):
        for shape in shapes if repeat % 2 == 0 else reversed(shapes):
            project = projects[shape]
            try:
                for stores in ("empty", "filled"):
                    since = perf_counter()
                    project("up", "-d", "--no-build")
                    figures = asyncio.run(first(project.url, since))
                    rows.append({"runtime": "docker", "shape": shape, "stores": stores, "repeat": repeat, **figures})
                    project("stop")
            finally:
                project("down", "--volumes", "--timeout", "5")
    return rows


def measure_images() -> list[dict[str, Any]]:
    """Bytes of each image, and what it adds to its base."""
    base = _size(BASE)
    sizes = {name: _size(f"twinshop/{name}") for name in IMAGES}
    return [{"image": name, "bytes": size, "added_bytes": size - base} for name, size in sizes.items()]


def _size(image: str) -> int:
    command = ["docker", "image", "inspect", "-f", "{{.Size}}", image]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603
