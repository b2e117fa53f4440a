"""
A disk of its own for each store of an environment of containers, so that filling it affects nothing else.

It is a volume in memory (tmpfs). The engine unmounts such a volume, and its data are gone, when no container uses it
any more: one container that does nothing holds all of them, while stores are killed and started. It also fills them.
"""

from collections.abc import Sequence
from typing import Any

from twinshop.lab.environments.variables import REDIS

DISKS = "disks"
"""The service that holds them."""
IMAGE = "redis:8"
"""One that is there anyway, and has a shell."""
_INSIDE = "/disks"


def store(name: str) -> dict[str, Any]:
    """What a store's service has more: the database goes to a folder of its own, since the disk belongs to root."""
    return {} if name == REDIS else {"environment": {"PGDATA": "/var/lib/postgresql/data/database"}}


def holder(stores: Sequence[str]) -> dict[str, Any]:
    """The service that holds the disks of these stores."""
    return {
        "image": IMAGE,
        "entrypoint": ["sleep", "infinity"],
        "init": True,
        "user": "0",
        "network_mode": "none",
        "cap_drop": ["ALL"],
        "stop_grace_period": "1s",
        "volumes": [f"{name}:{_INSIDE}/{name}" for name in stores],
    }


def volumes(stores: Sequence[str], size: int) -> dict[str, Any]:
    """Return the volumes of the disks, of this size each."""
    options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={size},mode=1777"}
    return {name: {"driver": "local", "driver_opts": options} for name in stores}


def filled(name: str) -> list[str]:
    """The command that fills the disk of a store: in big pieces, then in small ones, until there is no room."""
    file = f"{_INSIDE}/{name}/.filler"
    return ["sh", "-c", f"for size in 1M 4k; do dd if=/dev/zero bs=$size >>{file} 2>/dev/null; done; test -s {file}"]


def emptied(name: str) -> list[str]:
    return ["rm", "-f", f"{_INSIDE}/{name}/.filler"]
