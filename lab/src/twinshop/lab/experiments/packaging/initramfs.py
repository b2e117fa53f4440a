"""The first file system of the virtual machine: it finds the disk, sets up the network, and becomes the component."""

import shlex
import stat
from collections.abc import Mapping, Sequence
from typing import Any

from twinshop.lab.experiments.packaging.kernel import Kernel

ADDRESS, GATEWAY = "10.0.2.15/24", "10.0.2.2"
"""Of QEMU's user-mode network."""
SHELL = "ttyS1"
"""On the second serial line a shell waits for the lab; the first one is the console."""

INIT = """\
#!/bin/busybox sh
set -e
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in {modules}; do $b insmod /modules/$module.ko; done
$b mount -t ext4 -o {root_options} /dev/vda /disk
$b mount -t tmpfs -o mode=1777 tmp /disk/tmp
$b mount -t tmpfs run /disk/run
$b cp $b /disk/run/busybox
$b ip link set lo up
$b ip addr add {address} dev eth0
$b ip link set eth0 up
$b ip route add default via {gateway}
$b mount -t devtmpfs dev /disk/dev
for folder in proc sys; do $b mount --move /$folder /disk/$folder; done
cd /disk
$b stty -F /disk/dev/{shell} raw -echo clocal
$b chroot /disk /run/busybox sh -c 'echo >/run/shell; exec /run/busybox sh /dev/{shell}' >/disk/dev/{shell} 2>&1 &
# not before it is in there: switch_root moves /disk away
until [ -e /disk/run/shell ]; do $b sleep 0.01; done
exec $b switch_root /disk {command} </disk/dev/console >/disk/dev/console 2>&1
"""


def as_user(config: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """The beginning of a command that runs as an image's configuration says: user, folder, variables."""
    variables = [*config["Env"], *(f"{name}={value}" for name, value in environment.items())]
    user = ("/usr/sbin/chroot", f"--userspec={config['User']}", "--skip-chdir", "/")
    return [*user, "/usr/bin/env", "-i", f"--chdir={config['WorkingDir']}", *variables]


def command(config: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """The command of an image for a shell, as its configuration (`docker image inspect`) says, with more variables."""
    return shlex.join([*as_user(config, environment), *config["Cmd"]])


def initramfs(kernel: Kernel, command: str, *, root_options: str = "ro") -> bytes:
    """
    An archive for the kernel.

    Args:
        kernel: whose modules go into it.
        command: for a shell; it becomes the machine's first process.
        root_options: how the disk is mounted.
    """
    init = INIT.format(
        modules=" ".join(name for name, _ in kernel.modules),
        root_options=root_options,
        address=ADDRESS,
        gateway=GATEWAY,
        shell=SHELL,
        command=command,
    )
    folders = [(name, stat.S_IFDIR | 0o755, b"") for name in ("bin", "dev", "disk", "modules", "proc", "sys")]
    programs = {"init": init.encode(), "bin/busybox": kernel.busybox.read_bytes()}
    files = [(name, stat.S_IFREG | 0o755, data) for name, data in programs.items()]
    files += [(f"modules/{name}.ko", stat.S_IFREG | 0o644, data) for name, data in kernel.modules]
    return archive([*folders, *files])


def archive(entries: Sequence[tuple[str, int, bytes]]) -> bytes:
    """A cpio archive of the kind `newc` (Linux: driver-api/early-userspace/buffer-format), everything root's."""
    out = bytearray()
    for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        path = name.encode() + b"\0"
        #        inode, mode, uid, gid, links, time, size, device and what it refers to, length of the name, checksum
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
        for part in (b"070701" + b"".join(b"%08X" % field for field in fields) + path, data):
            out += part + b"\0" * (-len(part) % 4)
    return bytes(out)
