"""The component in a virtual machine: QEMU, with the processor's help (KVM) or without (TCG)."""

import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinshop.lab.environments.local.process_group import cpu_seconds, proportional_bytes
from twinshop.lab.environments.reserved_ports import HOST, ReservedPorts
from twinshop.lab.experiments.packaging import disk
from twinshop.lab.experiments.packaging.container import Container
from twinshop.lab.experiments.packaging.initramfs import as_user, command, initramfs
from twinshop.lab.experiments.packaging.kernel import kernel
from twinshop.lab.experiments.packaging.kinds import ENVIRONMENT, Artefact, Workshop
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.experiments.packaging.serial import SerialShell
from twinshop.lab.experiments.packaging.size import allocated
from twinshop.lab.experiments.packaging.spawn import family, last_words, spawned
from twinshop.lab.measurement.bench import Bench

QEMU = "qemu-system-x86_64"
KVM, CPUINFO = Path("/dev/kvm"), Path("/proc/cpuinfo")
MEMORY_MIB = 512
"""Of the machine: enough for the component and one of its engine's pipelines."""


def accelerator(wanted: str) -> tuple[str, str]:
    """`kvm` or `tcg`, and why."""
    if wanted != "auto":
        return wanted, "as asked for"
    if not os.access(KVM, os.R_OK | os.W_OK):
        return "tcg", f"{KVM} is not there, or not for us"
    flags = CPUINFO.read_text(encoding="utf-8").split()
    if "vmx" not in flags and "svm" not in flags:
        return "tcg", f"{KVM} is there, but the processor shows no virtualisation (vmx, svm): guests would crawl"
    return "kvm", f"{KVM} can be used"


@dataclass(slots=True)
class StartedMachine:
    since: float
    url: str
    process: subprocess.Popen[bytes]
    console: Path
    shell: SerialShell
    user: Sequence[str]

    def ended(self) -> str | None:
        return last_words(self.process, "The virtual machine", self.console)

    def cpu_seconds(self) -> float:
        return cpu_seconds(family(self.process.pid))

    def memory(self) -> Mapping[str, int]:
        return memory(self.process, self.shell)

    def probe(self, code: str, argument: str) -> str:
        return self.shell.run_program([*self.user, "python", "-c", code, argument])

    def user_outside(self) -> int:
        return Path(f"/proc/{self.process.pid}").stat().st_uid


class Machine:
    """Its disk has the files of the container's image; a kernel is given to QEMU directly, without a boot loader."""

    def __init__(self) -> None:
        self._container = Container("twinshop-packaging/machine")

    def missing(self, options: PackagingOptions) -> str | None:
        if why := impossible():
            return why
        if options.accelerator == "kvm" and not KVM.exists():
            return f"KVM was asked for, and there is no {KVM}"
        no_image = self._container.missing(options)
        return f"its disk is made from an image, and {no_image}" if no_image else None

    def prepare(self, workshop: Workshop) -> Artefact:
        folder = workshop.folder / "machine"
        folder.mkdir(exist_ok=True)
        found = kernel(folder / "kernel")
        image = self._container.prepare(workshop)
        since = time.perf_counter()
        config = disk.config(image.place)
        made = disk.make(image.place, folder)
        self._container.forget()
        (folder / "initramfs").write_bytes(initramfs(found, command(config, ENVIRONMENT)))
        shutil.copyfile(found.image, folder / "vmlinuz")
        seconds = image.build_seconds + time.perf_counter() - since
        chosen, why = accelerator(workshop.options.accelerator)
        parts = (made, folder / "initramfs", folder / "vmlinuz")
        return Artefact(
            str(folder),
            seconds,
            {"disk_bytes": allocated(*parts), "apparent_bytes": sum(part.stat().st_size for part in parts)},
            {
                "python": image.detail["python"],
                "kernel": found.version,
                "accelerator": chosen,
                "accelerator_why": why,
                "memory_mib": MEMORY_MIB,
                "user": as_user(config, ENVIRONMENT),
            },
        )

    @contextmanager
    def start(self, artefact: Artefact, bench: Bench) -> Iterator[StartedMachine]:
        ports, place, console = ReservedPorts(), Path(artefact.place), bench.folder / "console.log"
        port = ports.take()
        # the path of a socket may have 107 characters only: not in the trial's folder
        with tempfile.TemporaryDirectory(prefix="twinshop-machine-") as folder:
            line = Path(folder) / "serial"
            words = qemu(place, artefact.detail, len(bench.shop_cores), port, line)
            try:
                since = time.perf_counter()
                with (
                    spawned(words, bench.shop_cores, console, os.environ, bench.folder) as process,
                    closing(SerialShell(line)) as shell,
                ):
                    url = f"http://{HOST}:{port}"
                    yield StartedMachine(since, url, process, console, shell, artefact.detail["user"])
            finally:
                ports.release()


def impossible() -> str | None:
    """Why no virtual machine can be made on this machine; None if one can."""
    if platform.machine() != "x86_64":
        return f"the virtual machine is made for x86_64, and this is {platform.machine()}"
    if shutil.which(QEMU) is None:
        return f"`{QEMU}` is not installed (Debian: sudo apt install qemu-system-x86)"
    if disk.mkfs() is None:
        return "`mkfs.ext4` is not installed (Debian: sudo apt install e2fsprogs)"
    return None


def memory(process: subprocess.Popen[bytes], shell: SerialShell) -> dict[str, int]:
    """Return the bytes that a machine takes from the host, and those that its own programs use."""
    rows = (line.split() for line in shell.run("cat /proc/meminfo").splitlines())
    own = {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows}
    return {
        "host_memory_bytes": proportional_bytes(family(process.pid)),
        "guest_memory_bytes": own["MemTotal"] - own["MemAvailable"],
    }


def qemu(
    place: Path,
    detail: Mapping[str, Any],
    processors: int,
    port: int | None,
    line: Path,
    drives: Sequence[str] = ("disk.ext4,readonly=on",),
) -> list[str]:
    """The command: no screen; disks in `place`, a network without a way out, two serial lines."""
    folder = str(place).replace(",", ",,")  # a comma ends QEMU's option
    forward = f",hostfwd=tcp:{HOST}:{port}-:8000" if port else ""
    network = f"user,id=net,restrict=on{forward}"
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-machine", f"q35,accel={detail['accelerator']}", "-cpu", detail.get("cpu", "max")),
        *("-smp", str(processors), "-m", str(detail["memory_mib"])),
        *("-kernel", str(place / "vmlinuz"), "-initrd", str(place / "initramfs")),
        *("-append", "console=ttyS0 quiet panic=-1"),  # with -no-reboot a panic ends QEMU
        *(word for drive in drives for word in ("-drive", f"format=raw,if=virtio,file={folder}/{drive}")),
        *("-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="),
        *("-serial", "stdio", "-serial", f"unix:{line},server=on,wait=off"),
    ]
