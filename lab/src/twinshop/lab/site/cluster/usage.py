"""What pods have used, as their own control groups count it, read within them."""

from collections.abc import Sequence

from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.deployment.site import CannotError, Usage
from twinshop.lab.site.cluster.kubectl import Kubectl
from twinshop.lab.site.cluster.pods import Pod
from twinshop.lab.site.container_usage import traffic
from twinshop.lab.site.totals import total

CGROUP = "/sys/fs/cgroup"
FILES = ("cpu.stat", "memory.stat", "memory.current", "memory.max")
NETWORK = "/proc/net/dev"
MICRO = 1e-6


def usage_of(kubectl: Kubectl, pods: Sequence[Pod]) -> Usage | None:
    """
    All of these pods together; None if none of them could be asked.

    Raises:
        CannotError: the nodes have control groups of version 1.
    """
    found = [usage for pod in pods if pod.running and (usage := _ask(kubectl, pod)) is not None]
    return total(found, "cgroup") if found else None


def _ask(kubectl: Kubectl, pod: Pod) -> Usage | None:
    files = (*(f"{CGROUP}/{file}" for file in FILES), NETWORK)
    try:
        text = kubectl.run("exec", pod.name, "--", "cat", *files)
    except DeploymentError as error:
        if "No such file" in str(error):
            raise CannotError("The cluster's nodes have no control groups of version 2: use is not read.") from None
        return None  # it ended while it was looked at
    return read(text, pod.restarts)


def read(text: str, restarts: int) -> Usage:
    """Of one container, from those files one after the other."""
    group, bar, network = text.partition("Inter-|")
    rows = [line.split() for line in group.splitlines() if line.strip()]
    stat = {row[0]: int(row[1]) for row in rows if len(row) == 2}  # noqa: PLR2004 - a name and a value
    current, most = (row[0] for row in rows if len(row) == 1)
    received, sent = traffic(bar + network)
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
