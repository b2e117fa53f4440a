"""A kernel for the virtual machine, and the few programs and modules that it needs to reach its disk and network."""

import gzip
import lzma
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.environments import external
from twinshop.lab.errors import Unsupported

KERNEL, BUSYBOX = "linux-image-cloud-amd64", "busybox-static"
"""Debian's packages. The first only names the package of the newest kernel."""
DEVICES = ("virtio_pci", "virtio_blk", "virtio_net")
FETCH_SECONDS = 300.0
BY_HAND = "Without Debian's apt: unpack a kernel (boot/, lib/modules/) and a static bin/busybox into {} by hand."


@dataclass(frozen=True, slots=True)
class Kernel:
    """
    What was unpacked.

    Attributes:
        image: `vmlinuz`.
        version: as `uname -r` says it.
        busybox: a static one.
        modules: names and contents of the drivers and all that they need, in the order in which they can be loaded.
    """

    image: Path
    version: str
    busybox: Path
    modules: Sequence[tuple[str, bytes]]


def kernel(folder: Path, drivers: Sequence[str] = DEVICES) -> Kernel:
    """
    The kernel in `folder` with its `drivers`, fetched with apt first if there is none; nothing is installed.

    Raises:
        Unsupported: there is none, and none can be fetched.
    """
    if not list(folder.glob("boot/vmlinuz-*")):
        _fetch(folder)
    image = max(folder.glob("boot/vmlinuz-*"), default=None)
    busybox = next((file for name in ("bin/busybox", "usr/bin/busybox") if (file := folder / name).is_file()), None)
    if image is None or busybox is None:
        raise Unsupported(f"{folder} holds no kernel or no busybox. {BY_HAND.format(folder)}")
    version = image.name.removeprefix("vmlinuz-")
    return Kernel(image, version, busybox, in_order(folder, version, drivers))


def _fetch(folder: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise Unsupported(f"There is no kernel for a virtual machine. {BY_HAND.format(folder)}")
    names = [BUSYBOX, *re.findall(r"(?m)^  Depends: (linux-image-\S+)$", _run("apt-cache", "depends", KERNEL))[:1]]
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    # apt would give the download to a user of its own, who may not write here
    said = _run("apt-get", "download", "-o", "APT::Sandbox::User=root", *names, folder=packages)
    for file in packages.glob("*.deb"):
        said += _run("dpkg", "--extract", str(file), str(folder))
    shutil.rmtree(packages)
    if not list(folder.glob("boot/vmlinuz-*")):
        raise Unsupported(f"apt has no {KERNEL}: {said.strip()}. {BY_HAND.format(folder)}")


def _run(*command: str, folder: Path | None = None) -> str:
    try:
        done = external.run(command, cwd=folder, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        return f"no answer within {FETCH_SECONDS:.0f} s"
    return done.stdout + done.stderr


def in_order(folder: Path, version: str, drivers: Sequence[str]) -> list[tuple[str, bytes]]:
    """The modules of `drivers`, each after those that it needs; one that is not there is built into the kernel."""
    files = {_name(file): file for file in (folder / "lib" / "modules" / version).rglob("*.ko*")}
    found: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in found or name not in files:
            return
        module = _content(files[name])
        needs = re.search(rb"\0depends=([^\0]*)\0", module)
        for other in (needs[1].decode() if needs else "").split(","):
            add(other.replace("-", "_"))
        found[name] = module

    for driver in drivers:
        add(driver)
    return list(found.items())


def _name(file: Path) -> str:
    return file.name.partition(".ko")[0].replace("-", "_")


def _content(file: Path) -> bytes:
    data = file.read_bytes()
    unpack = {".xz": lzma.decompress, ".gz": gzip.decompress}.get(file.suffix)
    return unpack(data) if unpack else data
