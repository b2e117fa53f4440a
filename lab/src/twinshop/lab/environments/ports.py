"""Which ports are taken, and by whom."""

import errno
import socket
from collections.abc import Mapping

import psutil

from twinshop.lab.errors import ProvisionError


def taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return True
            raise
    return False


def holder(port: int) -> str:
    """Who listens there, in words."""
    try:
        sockets = psutil.net_connections(kind="tcp")
        pid = next(
            (s.pid for s in sockets if s.status == psutil.CONN_LISTEN and s.laddr and s.laddr and s.laddr.port == port),
            None,
        )
        if pid is None:
            return "another user's program"
        command = " ".join(psutil.Process(pid).cmdline()) or psutil.Process(pid).name()
    except psutil.Error:
        return "a program of another user"
    return f"process {pid} ({command[:120]})"


def require_free(ports: Mapping[int, str]) -> None:
    """
    Make sure that all of these are free.

    Args:
        ports: each port with the name of what is to listen there.

    Raises:
        LabError: it names every port that is not, and who holds it.
    """
    wrong = [
        f"Port {port}, needed by {name}, is in use by {holder(port)}." for port, name in ports.items() if taken(port)
    ]
    if wrong:
        raise ProvisionError("\n".join([*wrong, "Stop that program first; a shop started earlier: `make down`."]))
