"""Bugs: injected into a component's code through the fault routes of its processes (`twinshop.kit.faults`)."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from twinshop.kit.faults.board import Board
from twinshop.kit.faults.injector import TICK_SECONDS
from twinshop.lab.environments.protocol import Environment, Recoverable
from twinshop.lab.errors import FaultError, Unsupported
from twinshop.lab.faults import routes
from twinshop.lab.faults.api import FaultSpec

LEAD_SECONDS = 1.0
"""
Seconds between injection and start: time to verify that all replicas have it before any is too affected to answer.
"""
HEADROOM_BYTES = 256 * 2**20
"""Memory above its present usage for a part without a limit."""
MOST_MIB = 16_384
"""More than any limit: the maximum that the fault routes accept."""


def bug(kind: str, **members: JsonValue) -> Callable[[Environment, str, FaultSpec], None]:
    """Inject a bug of this kind with these members, unless the specification has others."""

    def does(environment: Environment, component: str, spec: FaultSpec) -> None:
        inject(environment, component, spec, {"kind": kind, **members, **spec.members})

    return does


def no_bug(kind: str) -> Callable[[Recoverable, str], None]:
    """Revert it in the folder that all processes read, since some of them may be hung or dead."""

    def undoes(environment: Recoverable, component: str) -> None:
        if environment.fault_folder is not None and environment.fault_folder.is_dir():
            Board(environment.fault_folder).remove(component, kind)
            time.sleep(2 * TICK_SECONDS)  # until they have looked

    return undoes


def no_deadly_bug(kind: str) -> Callable[[Recoverable, str], None]:
    """Revert a bug that kills its process, and restart the process, which may be in backoff."""
    revert = no_bug(kind)

    def undoes(environment: Recoverable, component: str) -> None:
        revert(environment, component)
        environment.revive(environment.hosts(component))

    return undoes


def leak_to_the_limit(environment: Environment, component: str, spec: FaultSpec) -> None:
    """
    Leak memory until the kernel kills the process, and again after its restart.

    A part without a memory limit gets one, which stays.
    """
    part = environment.hosts(component)
    used = environment.usage().get(part)
    if used is not None and used.memory_limit_bytes is None:
        replicas = len(environment.control_urls(part)) or 1
        environment.limit(part, memory_bytes=used.memory_bytes // replicas + HEADROOM_BYTES)
    inject(environment, component, spec, {"kind": "leak", "mib_per_second": 100, "up_to_mib": MOST_MIB, **spec.members})


def inject(environment: Environment, component: str, spec: FaultSpec, members: Mapping[str, JsonValue]) -> None:
    """
    Inject a bug into the component, wherever it is hosted; it is active when this returns.

    It persists: a restarted process has it again, because it has the same code.

    Raises:
        Unsupported: no bugs can be injected into this environment.
        LabError: a replica does not take it, and now none has it.
    """
    if environment.token is None:
        raise Unsupported("Bugs can be injected only into an environment that was opened with `faults`.")
    fault = {"component": component, "seconds": spec.seconds, "persist": True, "after_seconds": LEAD_SECONDS, **members}
    if fault["kind"] not in {"spin", "skew"}:  # which affect no calls
        fault["seed"] = spec.seed
        if spec.ratio is not None:
            fault["ratio"] = spec.ratio
    try:
        begins_at = _everywhere(environment.control_urls(environment.hosts(component)), environment.token, fault)
        time.sleep(max(0, (begins_at - datetime.now(UTC)).total_seconds()))
    except BaseException:
        no_bug(str(fault["kind"]))(environment, component)
        raise


def _everywhere(urls: Sequence[str], token: str, fault: Mapping[str, JsonValue]) -> datetime:
    """Inject it into every replica, verify that each has it, and return the time at which it is active in all."""
    if not urls:
        raise FaultError(f"No running process hosts {fault['component']}.")
    begins_at = max(routes.inject(url, token, fault) for url in urls)
    for url in urls:
        if not routes.has(url, token, fault):
            raise FaultError(f"{url} accepted the fault {fault['kind']} but does not list it.")
    return begins_at
