"""The virtual machine with the engine inside: started, asked, ended."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.environments.docker import docker
from twinshop.lab.errors import ProvisionError
from twinshop.lab.experiments.packaging.machine import impossible, memory, qemu
from twinshop.lab.experiments.packaging.serial import SerialShell
from twinshop.lab.experiments.packaging.spawn import last_words, spawned
from twinshop.lab.nested.debian import UP

MEMORY_MIB = 1024
BOOT_SECONDS, LOOK_SECONDS = 180.0, 0.02
CPUS = {"kvm": "max", "tcg": "qemu64"}
"""An emulated processor is faster without newer extensions: loading an image took a third less processor time."""
DRIVES = ("disk.ext4,snapshot=on", "image.tar,readonly=on")
"""What is written to the first goes to a file of QEMU's that has no name and ends with QEMU."""


@dataclass(frozen=True, slots=True)
class Nested:
    """
    The machine, up.

    Attributes:
        boot_seconds: from the start of QEMU until its shell waits.
        shell: of the machine's root.
    """

    boot_seconds: float
    shell: SerialShell
    process: subprocess.Popen[bytes]

    def memory(self) -> dict[str, int]:
        return memory(self.process, self.shell)


def missing() -> str | None:
    """Why there can be no such machine here; None if there can."""
    if why := impossible():
        return why
    no_docker = docker.unusable()
    return f"Docker is required for the image, and cannot be used: {no_docker}" if no_docker else None


@contextmanager
def booted(place: Path, accelerator: str, cores: tuple[int, ...]) -> Iterator[Nested]:
    """The machine with the files in `place`. It has ended when the block is left, whatever happens."""
    console = place / "console.log"
    console.unlink(missing_ok=True)
    # the path of a socket may have 107 characters only: not in the checkout
    with tempfile.TemporaryDirectory(prefix="twinshop-nested-") as folder:
        line = Path(folder) / "serial"
        detail = {"accelerator": accelerator, "memory_mib": MEMORY_MIB, "cpu": CPUS[accelerator]}
        words = qemu(place, detail, len(cores), None, line, DRIVES)
        since = time.perf_counter()
        with spawned(words, cores, console, os.environ, place) as process, closing(SerialShell(line)) as shell:
            _wait(process, console, since)
            yield Nested(time.perf_counter() - since, shell, process)


def _wait(process: subprocess.Popen[bytes], console: Path, since: float) -> None:
    while UP.encode() not in console.read_bytes():
        if why := last_words(process, "The virtual machine", console):
            raise ProvisionError(why)
        if time.perf_counter() - since > BOOT_SECONDS:
            raise ProvisionError(
                f"The virtual machine is not up after {BOOT_SECONDS:.0f} s: {console} has its messages."
            )
        time.sleep(LOOK_SECONDS)
