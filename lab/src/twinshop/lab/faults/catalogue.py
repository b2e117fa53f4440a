"""The fault catalogue. docs/faults.md describes the effects of each in both shapes."""

from collections.abc import Mapping

from twinshop.contracts.components import WITH_DATABASE, WITH_REDIS
from twinshop.lab.errors import UsageError
from twinshop.lab.faults import parts
from twinshop.lab.faults.api import EVERYWHERE, PORTS, Fault
from twinshop.lab.faults.bugs import bug, leak_to_the_limit, no_bug, no_deadly_bug

_PROCESS = (
    Fault(
        name="crash",
        title="Killed, and down until it is reverted",
        colour="#b2182b",
        layer="process",
        mono="The shop is down",
        micro="Pages work without it, with a notice",
        group="process",
        does=parts.host(parts.kill),
        undoes=parts.host_again(parts.revive),
        runtimes=EVERYWHERE,
    ),
    Fault(
        name="crash-restart",
        title="Killed, and restarted by its supervisor",
        colour="#d6604d",
        layer="process",
        mono="The shop is down while it starts",
        micro="Pages work without it while it starts",
        group="process",
        does=parts.host(parts.crash),
        undoes=parts.host_again(parts.revive),
        lasts=False,
        runtimes=EVERYWHERE,
    ),
    Fault(
        name="hang",
        title="Stopped: it keeps its connections and sends no answers",
        colour="#762a83",
        layer="process",
        mono="No page answers; under Docker the edge soon reports that the shop does not answer",
        micro="Pages answer after the timeout of a call (2 s), then the breaker opens",
        group="process",
        does=parts.host(parts.pause),
        undoes=parts.host_again(parts.resume),
        why="its API can end a process, not pause it.",
    ),
    Fault(
        name="cut",
        title="Cut off from the network",
        colour="#5e4fa2",
        layer="process",
        mono="The shop is down",
        micro="Pages work without it, with a notice",
        group="process",
        does=parts.host(parts.cut),
        undoes=parts.host_again(parts.mend),
        runtimes=("docker", "cluster"),
        why="all processes share the loopback interface, and none can be cut off.",
    ),
)

_CODE = (
    Fault(
        name="leak",
        title="Leaks 100 MiB a second until the kernel kills it",
        colour="#8c510a",
        layer="code",
        mono="The shop goes down repeatedly",
        micro="Pages repeatedly work without it",
        group="hogs",
        does=leak_to_the_limit,
        undoes=no_deadly_bug("leak"),
        targets=PORTS,
        runtimes=("docker",),
        why="it has no memory limit that a leak could reach.",
    ),
    Fault(
        name="burn",
        title="Computes 250 ms in every call",
        colour="#e08214",
        layer="code",
        mono="Every page is slow, other pages too",
        micro="Pages that need it are slow",
        group="hogs",
        does=bug("burn", milliseconds=250),
        undoes=no_bug("burn"),
        targets=PORTS,
    ),
    Fault(
        name="spin",
        title="One of its threads computes without end",
        colour="#b35806",
        layer="code",
        mono="Everything shares its processor with the thread",
        micro="Only the component does",
        group="hogs",
        does=bug("spin"),
        undoes=no_bug("spin"),
        targets=PORTS,
    ),
    Fault(
        name="block",
        title="Blocks the event loop for 250 ms in every call",
        colour="#c51b7d",
        layer="code",
        mono="Every page waits, other pages too",
        micro="Pages that need it wait",
        group="hogs",
        does=bug("block", milliseconds=250),
        undoes=no_bug("block"),
        targets=PORTS,
    ),
    Fault(
        name="latency",
        title="Every call takes a second longer",
        colour="#dfc27d",
        layer="code",
        mono="Pages that need it take a second longer",
        micro="The same",
        group="calls",
        does=bug("latency", milliseconds=1000),
        undoes=no_bug("latency"),
        targets=PORTS,
    ),
    Fault(
        name="stall",
        title="No call is ever answered",
        colour="#9970ab",
        layer="code",
        mono="Pages that need it never answer",
        micro="They answer after the timeout, without it",
        group="calls",
        does=bug("hang"),
        undoes=no_bug("hang"),
        targets=PORTS,
    ),
    Fault(
        name="errors",
        title="Every call fails with an error that callers handle",
        colour="#f46d43",
        layer="code",
        mono="Pages work without it, with a notice",
        micro="The same",
        group="calls",
        does=bug("errors", raises="unavailable"),
        undoes=no_bug("errors"),
        targets=PORTS,
    ),
    Fault(
        name="bug",
        title="Every call raises an unhandled exception",
        colour="#d73027",
        layer="code",
        mono="Pages that need it fail (500)",
        micro="Pages work without it, with a notice",
        group="calls",
        does=bug("errors", raises="bug"),
        undoes=no_bug("errors"),
        targets=PORTS,
    ),
    Fault(
        name="crash-loop",
        title="Every call kills the process, however often it is restarted",
        colour="#67001f",
        layer="code",
        mono="The shop goes down repeatedly",
        micro="Pages work without it",
        group="hogs",
        does=bug("crash"),
        undoes=no_deadly_bug("crash"),
        targets=PORTS,
    ),
)

_STORE = (
    Fault(
        name="redis-down",
        title="Redis is down",
        colour="#2166ac",
        layer="store",
        mono="Pages work without the cart",
        micro="The same",
        group="stores",
        does=parts.store("redis", parts.kill),
        undoes=parts.store_again("redis", parts.revive),
        targets=WITH_REDIS,
        runtimes=EVERYWHERE,
    ),
    Fault(
        name="database-down",
        title="The database is down",
        colour="#4393c3",
        layer="store",
        mono="Catalogue, orders and payment are all unavailable: they share one database",
        micro="Only the component that keeps its data there is unavailable",
        group="stores",
        does=parts.store("database", parts.kill),
        undoes=parts.store_again("database", parts.revive),
        targets=WITH_DATABASE,
        runtimes=("docker", "cluster"),
        why="the database is SQLite, a library in the process that uses it.",
    ),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in (*_PROCESS, *_CODE, *_STORE)}


def known(name: str) -> Fault:
    """Return the fault of this name. Raises UsageError if there is none."""
    if name not in FAULTS:
        raise UsageError(f"unknown fault '{name}': choose from {', '.join(FAULTS)}")
    return FAULTS[name]
