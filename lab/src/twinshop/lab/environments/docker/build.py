"""Build an image with BuildKit, and tell which steps came from the cache."""

import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.environments import external
from twinshop.lab.environments.docker import docker
from twinshop.lab.errors import ProvisionError

BUILD_SECONDS = 1200.0
_STEP = re.compile(r"^#(\d+) \[(?:[\w.-]+ +)?\d+/\d+\] (?!FROM )(\S.*)$")
_CACHED = re.compile(r"^#(\d+) CACHED$")


@dataclass(frozen=True, slots=True)
class Build:
    """
    A build that succeeded.

    Attributes:
        id: of the image.
        seconds: from the command to its end.
        steps: instructions of all stages that BuildKit looked at, FROM left out.
        cached: those of them that were not run.
    """

    id: str
    seconds: float
    steps: int
    cached: int


def build(context: Path, dockerfile: str, *, tag: str | None = None, cache: bool = True) -> Build:
    """
    Build an image.

    Args:
        context: a folder with what it is made from.
        dockerfile: relative to it.
        tag: None leaves an image without a name, to be removed by its id.
        cache: whether steps may come from the cache.

    Raises:
        LabError: the build failed; the end of its log is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="twinshop-build-") as folder:
        file = Path(folder) / "id"
        command = [
            "docker",
            "build",
            "--progress",
            "plain",
            "--file",
            str(context / dockerfile),
            "--iidfile",
            str(file),
        ]
        options = ["--tag", tag] if tag else []
        options += [] if cache else ["--no-cache"]
        since = time.perf_counter()
        try:
            done = external.run(
                [*command, *options, str(context)], env={**os.environ, "DOCKER_BUILDKIT": "1"}, timeout=BUILD_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise ProvisionError(f"{dockerfile} was not built within {BUILD_SECONDS:.0f} s.") from None
        seconds = time.perf_counter() - since
        output = done.stdout + done.stderr
        if done.returncode:
            raise ProvisionError(f"{dockerfile} cannot be built:\n{external.tail(output)}{docker.disk_hint(output)}")
        steps, cached = counted(output)
        return Build(file.read_text(encoding="ascii").strip(), seconds, steps, cached)


def counted(output: str) -> tuple[int, int]:
    """The steps in the plain output of a build, and how many of them came from the cache."""
    lines = output.splitlines()
    steps = {found[1] for line in lines if (found := _STEP.match(line))}
    cached = {found[1] for line in lines if (found := _CACHED.match(line))}
    return len(steps), len(steps & cached)


def remove(image_id: str) -> None:
    """Forget an image without a name; its layers stay in BuildKit's cache until that is pruned."""
    external.run(["docker", "image", "rm", image_id], timeout=60)
