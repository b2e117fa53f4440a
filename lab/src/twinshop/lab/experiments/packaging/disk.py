"""A virtual machine's disk with the files of a container image."""

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

from twinshop.lab.environments import external
from twinshop.lab.environments.docker import docker
from twinshop.lab.errors import ProvisionError
from twinshop.lab.experiments.packaging.size import allocated

MAKE_SECONDS, ASK_SECONDS = 300.0, 60.0
ROOM = 1.1
"""The file system is this much larger than its files: for its own tables."""
MIB = 2**20


def mkfs() -> str | None:
    """The program that makes the file system; Debian keeps it where only root looks."""
    return shutil.which("mkfs.ext4", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def config(image: str) -> dict[str, Any]:
    """User, environment, command and working folder of an image."""
    command = ["docker", "image", "inspect", "--format", "{{json .Config}}", image]
    found: dict[str, Any] = json.loads(docker.output(command, ASK_SECONDS))
    return found


def make(image: str, folder: Path) -> Path:
    """`disk.ext4` in `folder` with the files of an image. Needs no root; without root the files are ours on it."""
    files, disk = folder / "files", folder / "disk.ext4"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir(parents=True)
    try:
        _export(image, files)
        filesystem(files, disk, 0)
    finally:
        shutil.rmtree(files, ignore_errors=True)
    return disk


def filesystem(files: Path, disk: Path, room_mib: int) -> None:
    """An ext4 file system with the files of a folder, and `room_mib` of free space."""
    mebibytes = int(allocated(files) * ROOM) // MIB + 16 + room_mib
    # no journal: nothing on it has to survive a crash
    options = ("-q", "-d", str(files), "-O", "^has_journal", "-m", "0", "-L", "twinshop")
    disk.unlink(missing_ok=True)
    docker.output([mkfs() or "mkfs.ext4", *options, str(disk), f"{mebibytes}M"], MAKE_SECONDS)


def _export(image: str, files: Path) -> None:
    name = f"twinshop-packaging-export-{secrets.token_hex(4)}"
    docker.output(["docker", "create", "--name", name, image], ASK_SECONDS)
    # the kernel fills /dev itself, and only root could unpack devices
    unpack = ["tar", "--extract", "--directory", str(files), "--exclude=dev/*"]
    try:
        with subprocess.Popen(["docker", "export", name], stdout=subprocess.PIPE) as exported:  # noqa: S603, S607
            done = subprocess.run(unpack, stdin=exported.stdout, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode or exported.returncode:
            raise ProvisionError(f"{image} cannot be exported:\n{external.tail(done.stderr)}")
    finally:
        external.run(["docker", "rm", name], timeout=ASK_SECONDS)
