"""Usage added up, and the traffic of a network as the kernel counts it."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

from twinshop.lab.environments.protocol import Usage

LOOPBACK = "lo"
Number = TypeVar("Number", int, float)


def total(usages: Sequence[Usage], kind: Literal["pss", "cgroup"]) -> Usage:
    """The sum; what not all of them tell is not told. Peaks are added up though they need not have come together."""
    return Usage(
        cpu_seconds=sum(each.cpu_seconds for each in usages),
        memory_bytes=sum(each.memory_bytes for each in usages),
        memory_kind=kind,
        peak_memory_bytes=_known([each.peak_memory_bytes for each in usages]),
        memory_limit_bytes=_known([each.memory_limit_bytes for each in usages]),
        received_bytes=_known([each.received_bytes for each in usages]),
        sent_bytes=_known([each.sent_bytes for each in usages]),
        throttled_seconds=_known([each.throttled_seconds for each in usages]),
        throttled_periods=_known([each.throttled_periods for each in usages]),
        starts=sum(each.starts for each in usages),
    )


def _known(values: Iterable[Number | None]) -> Number | None:
    known: list[Number] = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return sum(known) if known else None


def traffic(table: str) -> tuple[int, int]:
    """Bytes received and sent over all interfaces but the loopback, from a `/proc/<pid>/net/dev`."""
    received = sent = 0
    for line in table.splitlines()[2:]:
        name, _, numbers = line.partition(":")
        if name.strip() != LOOPBACK:
            fields = numbers.split()
            received, sent = received + int(fields[0]), sent + int(fields[8])
    return received, sent
