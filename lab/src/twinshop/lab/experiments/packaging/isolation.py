"""What a component could see of its host and do to it: found out by trying, and judged from the host's side."""

import json
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from twinshop.lab.experiments.packaging.kinds import Started

CODE = (files("twinshop.lab.experiments.packaging") / "probe.py").read_text(encoding="utf-8")
ACCEPT_SECONDS = 1.0
WAIT = "import time; time.sleep(300)"


def look(started: Started, folder: Path) -> dict[str, Any]:
    """
    Let the probe try, beside the component and as its user.

    What it says of itself is not believed where the host can tell: whether the file was written, and whether somebody
    with the token came to the port.

    Args:
        started: the component.
        folder: of the trial, for the file.

    Raises:
        LabError: the probe could not be run.
    """
    token = secrets.token_hex(16)
    file = folder / "anybody-may-write-here"
    file.touch()
    file.chmod(0o666)
    with _host_process(token), socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        argument = json.dumps({"token": token, "file": str(file.resolve()), "port": port})
        found: dict[str, Any] = json.loads(started.probe(CODE, argument))
        reached = _came(server, token)
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    same_kernel = found.pop("boot_id") == boot
    return {
        **found,
        "writes_host_file": token in file.read_text(encoding="ascii"),
        "writing_said": found["writes_host_file"],
        "reaches_host_loopback": reached,
        "connecting_said": found["reaches_host_loopback"],
        "same_kernel": same_kernel,
        "user_on_host": started.user_outside(),
    }


@contextmanager
def _host_process(token: str) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", WAIT, token]) as process:  # noqa: S603
        try:
            yield
        finally:
            process.kill()


def _came(server: socket.socket, token: str) -> bool:
    server.settimeout(ACCEPT_SECONDS)
    try:
        with server.accept()[0] as connection:
            connection.settimeout(ACCEPT_SECONDS)
            return connection.recv(64) == token.encode()
    except OSError:
        return False
