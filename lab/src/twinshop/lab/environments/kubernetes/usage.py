"""What pods have used, as their own control groups count it, read within them."""

from collections.abc import Sequence

from twinshop.lab.environments.cgroup import UNLIMITED
from twinshop.lab.environments.kubernetes.kubectl import Kubectl
from twinshop.lab.environments.kubernetes.pods import Pod
from twinshop.lab.environments.protocol import Usage
from twinshop.lab.environments.usage import total, traffic
from twinshop.lab.errors import LabError, Unsupported

NO_GROUPS = "The cluster's nodes have control groups of neither version: use is not read."
CGROUP = "/sys/fs/cgroup"
NETWORK = "/proc/net/dev"
FILES_V2 = ("cpu.stat", "memory.stat", "memory.current", "memory.max")
FILES_V1 = ("cpu/cpu.stat", "memory/memory.stat", "cpuacct/cpuacct.usage", "memory/memory.usage_in_bytes")
"""In each, the two with a single number come last."""
MICRO, NANO = 1e-6, 1e-9


def usage_of(kubectl: Kubectl, pods: Sequence[Pod]) -> Usage | None:
    """
    All of these pods together; None if none of them could be asked.

    Raises:
        Unsupported: their control groups are of neither version.
    """
    found = [usage for pod in pods if pod.running and (usage := _ask(kubectl, pod)) is not None]
    return total(found, "cgroup") if found else None


def _ask(kubectl: Kubectl, pod: Pod) -> Usage | None:
    for files, read in ((FILES_V2, read_v2), (FILES_V1, read_v1)):
        try:
            text = kubectl.run("exec", pod.name, "--", "cat", *(f"{CGROUP}/{file}" for file in files), NETWORK)
        except LabError as error:
            if "No such file" in str(error):
                continue
            return None  # it ended while it was looked at
        return read(text, pod.restarts)
    raise Unsupported(NO_GROUPS)


def read_v2(text: str, restarts: int) -> Usage:
    """Of one container, from those files one after the other."""
    stat, (current, most), (received, sent) = _parsed(text)
    return Usage(
        cpu_seconds=stat["usage_usec"] * MICRO,
        memory_bytes=int(current) - stat["inactive_file"],
        memory_kind="cgroup",
        memory_limit_bytes=None if most == "max" else int(most),
        received_bytes=received,
        sent_bytes=sent,
        throttled_seconds=stat["throttled_usec"] * MICRO if "throttled_usec" in stat else None,
        throttled_periods=stat.get("nr_throttled"),
        starts=restarts,
    )


def read_v1(text: str, restarts: int) -> Usage:
    """The same; without a quota the kernel counts no periods."""
    stat, (nanoseconds, current), (received, sent) = _parsed(text)
    limit = stat["hierarchical_memory_limit"]
    return Usage(
        cpu_seconds=int(nanoseconds) * NANO,
        memory_bytes=int(current) - stat["total_inactive_file"],
        memory_kind="cgroup",
        memory_limit_bytes=limit if limit < UNLIMITED else None,
        received_bytes=received,
        sent_bytes=sent,
        throttled_seconds=stat["throttled_time"] * NANO if stat["nr_periods"] else None,
        throttled_periods=stat["nr_throttled"] if stat["nr_periods"] else None,
        starts=restarts,
    )


def _parsed(text: str) -> tuple[dict[str, int], list[str], tuple[int, int]]:
    """The named numbers, the bare ones, and the traffic."""
    group, bar, network = text.partition("Inter-|")
    rows = [line.split() for line in group.splitlines() if line.strip()]
    named = {row[0]: int(row[1]) for row in rows if len(row) == 2}  # noqa: PLR2004 - a name and a value
    return named, [row[0] for row in rows if len(row) == 1], traffic(bar + network)
