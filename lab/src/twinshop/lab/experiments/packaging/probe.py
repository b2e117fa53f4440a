"""
What a program sees and may do where it runs; handed to the Python there as text, so it needs nothing of ours.

Its argument is JSON: `token`, in the command line of a process of the host; `file`, one of the host's that anybody may
write; `port`, on which the host listens at 127.0.0.1. It prints JSON.
"""

import json
import os
import socket
import sys
from pathlib import Path


def processes(token: str) -> tuple[int, bool]:
    """How many there are, and whether the one with the token is among them."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        if folder.name == str(os.getpid()):  # has the token itself
            continue
        try:
            lines.append((folder / "cmdline").read_bytes())
        except OSError:
            lines.append(b"")
    return len(lines), any(token.encode() in line for line in lines)


def attempt_to_write(file: str, token: str) -> str:
    """The result, in the system's words."""
    try:
        with Path(file).open("a", encoding="ascii") as opened:
            opened.write(token)
    except OSError as error:
        return error.strerror or "failed"
    return "written"


def attempt_to_connect(port: int, token: str) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), 3) as connected:
            connected.sendall(token.encode())
    except OSError as error:
        return error.strerror or "timed out"
    return "connected"


def look(token: str, file: str, port: int) -> dict[str, object]:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    total = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    count, seen = processes(token)
    return {
        "user": os.getuid(),
        "capabilities": status["CapEff"],
        "processes": count,
        "sees_host_process": seen,
        "writes_host_file": attempt_to_write(file, token),
        "reaches_host_loopback": attempt_to_connect(port, token),
        "kernel": os.uname().release,
        "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        "processors": os.cpu_count(),
        "memory_bytes": int(total.split()[1]) * 1024,
        "python": sys.version.split()[0],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look(**json.loads(sys.argv[1]))) + "\n")
