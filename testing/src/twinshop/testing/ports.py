"""Ports for tests that run beside each other in several processes."""

import os
import random
import socket
from contextlib import ExitStack, suppress

_FIRST, _END = 20000, 32000
"""Below the range from which the system takes ports for outgoing connections."""


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that the system gave out a moment ago."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def free_port() -> int:
    """Return one port that the system gave out a moment ago."""
    return free_ports(1)[0]


def free_port_range(count: int) -> int:
    """
    Return the first of `count` free ports in a row.

    Each pytest-xdist worker draws from a part of its own, so that two workers never take the same ports.

    Raises:
        OSError: if no range of that length is free.

    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = (_END - _FIRST) // workers
    starts = list(range(_FIRST + worker * share, _FIRST + (worker + 1) * share - count, count))
    random.shuffle(starts)
    for start in starts:
        with suppress(OSError), ExitStack() as stack:
            for port in range(start, start + count):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return start
    message = f"no {count} free ports in a row between {_FIRST} and {_END}"
    raise OSError(message)
