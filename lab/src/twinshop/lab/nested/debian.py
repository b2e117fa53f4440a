"""A disk with a Docker engine, and a kernel for it, from Debian's packages."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from twinshop.lab.environments import external
from twinshop.lab.environments.docker import docker
from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.packaging import disk
from twinshop.lab.experiments.packaging.initramfs import initramfs
from twinshop.lab.experiments.packaging.kernel import BUSYBOX, DEVICES, KERNEL, kernel

PACKAGES = (KERNEL, BUSYBOX, "docker.io")
FETCH_SECONDS, UNPACK_SECONDS = 600.0, 60.0
ROOM_MIB = 3072
"""Left free on the disk for the images of the engine inside. The file has holes: it takes what is written."""
MODULES = (
    *DEVICES,
    # the files of a container
    "overlay",
    # its network: a bridge, a pair of interfaces, and the rules that iptables sets for a published port
    "bridge",
    "br_netfilter",
    "veth",
    "nft_compat",
    "nft_chain_nat",
    "xt_MASQUERADE",
    "xt_addrtype",
    "xt_conntrack",
    "xt_nat",
    "xt_tcpudp",
)
"""What the kernel has to load; Debian's has the rest built in."""
UP = "The machine is up."
"""Its first program prints this to the console when the shell waits."""
FIRST = f"/run/busybox sh -c 'mount -t cgroup2 cgroup2 /sys/fs/cgroup; echo {UP}; exec tini -- sleep infinity'"
FOLDERS = ("proc", "sys", "dev", "run", "tmp", "var/log", "var/lib/docker", "root")
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\ndocker:x:999:\n",
    "etc/hosts": "127.0.0.1 localhost\n",
}
LINKS = {
    "usr/sbin/iptables": "xtables-nft-multi",
    "usr/sbin/ip6tables": "xtables-nft-multi",
    "var/run": "/run",
    "bin/sh": "busybox",
}
"""Made by the packages' own scripts in an installation. They are not run here: that would need root."""
NEEDLESS = ("boot", "usr/share", "usr/lib/modules", "lib/modules")
"""Not copied to the disk: QEMU gets the kernel, the initramfs holds its modules; and documents."""


def machine_files(folder: Path, say: Callable[[str], None]) -> None:
    """
    `disk.ext4`, `initramfs` and `vmlinuz` in `folder`, made unless they are there.

    Packages in `folder/packages` are used as they are; only without them apt fetches them.

    Raises:
        Unsupported: the packages are not there, and cannot be fetched.
        LabError: the disk cannot be made.
    """
    if (folder / "vmlinuz").is_file():  # written last
        return
    packages, files = folder / "packages", folder / "files"
    if not list(packages.glob("*.deb")):
        say(f"Fetching {', '.join(PACKAGES)} and what they need from Debian (120 MB) …")
        _fetch(packages)
    say("Making a disk from Debian's packages …")
    shutil.rmtree(files, ignore_errors=True)
    try:
        for package in sorted(packages.glob("*.deb")):
            docker.output(["dpkg", "--extract", str(package), str(files)], UNPACK_SECONDS)
        found = kernel(files, MODULES)
        _complete(files)
        (folder / "initramfs").write_bytes(initramfs(found, FIRST, root_options="rw"))
        image = found.image.read_bytes()
        for name in NEEDLESS:
            shutil.rmtree(files / name, ignore_errors=True)
        disk.filesystem(files, folder / "disk.ext4", ROOM_MIB)
        (folder / "vmlinuz").write_bytes(image)
    finally:
        shutil.rmtree(files, ignore_errors=True)


def _complete(files: Path) -> None:
    for name in FOLDERS:
        (files / name).mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (files / name).write_text(text, encoding="utf-8")
    for name, target in LINKS.items():
        (files / name).unlink(missing_ok=True)
        (files / name).symlink_to(target)


def _fetch(packages: Path) -> None:
    by_hand = f"Without Debian's apt, put the packages {', '.join(PACKAGES)} and what they need into {packages}."
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise Unsupported(f"The packages of the virtual machine are not here. {by_hand}")
    new = packages.with_name("packages.new")
    shutil.rmtree(new, ignore_errors=True)
    (new / "partial").mkdir(parents=True)
    nothing = new / "partial" / "status"  # for apt nothing is installed: it fetches all that is needed
    nothing.touch()
    settings = {
        "Dir::State::status": str(nothing),
        "Dir::Cache::archives": str(new),
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Debug::NoLocking": "true",
        # otherwise a user of apt's own fetches, who may not write here
        "APT::Sandbox::User": "root",
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    command = ["apt-get", "install", "--download-only", "--no-install-recommends", "--yes", *options, *PACKAGES]
    try:
        done = external.run(command, timeout=FETCH_SECONDS, env={**os.environ, "LC_ALL": "C"})
        said = external.tail(done.stdout + done.stderr) if done.returncode else ""
    except subprocess.TimeoutExpired:
        said = f"no answer within {FETCH_SECONDS:.0f} s"
    if said:
        shutil.rmtree(new)
        raise Unsupported(f"apt cannot fetch the packages of the virtual machine. {by_hand} apt says:\n{said}")
    shutil.rmtree(new / "partial")
    shutil.rmtree(packages, ignore_errors=True)
    new.rename(packages)
