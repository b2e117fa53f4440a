"""One fault in an environment under load: baseline, injection, removal, recovery."""

from dataclasses import dataclass
from math import ceil

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.shield import shielded
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.windows import Timestamps, Windows
from twinshop.lab.faults import FaultSpec
from twinshop.lab.measurement.affected_calls import affected_calls
from twinshop.lab.measurement.health_probe import HealthProbe
from twinshop.lab.measurement.load_clock import LoadClock
from twinshop.lab.measurement.steady_state import settle

ENTRY_SECONDS = 0.05
"""An injection begins this long after the start of a second, to affect as little of it as possible."""
SPARE_SECONDS = 5.0
"""A bug reverts by itself this long after it should have been reverted."""


@dataclass(slots=True)
class FaultTrial:
    """
    A fault that was injected and reverted.

    Attributes:
        marks: when; its end is moved on for as long as nothing else is done to the environment.
        evidence: what showed that the fault was active.
        doubt: why it is not sure that it was.
        probe_failed: second of the load in which the health probe of the target first failed.
        restarts: how often a supervisor restarted a process since the fault began.
        affected: calls that met a bug, where the processes that counted them still live.
    """

    cell: Cell
    marks: Timestamps
    evidence: str | None = None
    doubt: str | None = None
    probe_failed: float | None = None
    restarts: int = 0
    affected: int | None = None


def run_fault_trial(
    cell: Cell, windows: Windows, environment: Environment, clock: LoadClock, seed: int, share: float
) -> FaultTrial:
    """
    Inject the fault at the beginning of a second, hold it, revert it, and observe the recovery.

    Raises:
        Unhealthy: the environment was not healthy before.
        Unsupported: this runtime cannot do that; nothing has changed.
    """
    cell.kind.require(environment, cell.target)
    base = settle(environment, clock, windows.base)
    restarts, affected = _restarts(environment), affected_calls(environment, cell.target)
    (url, *_) = environment.control_urls(environment.hosts(cell.target))
    doubt = None
    with HealthProbe(url) as probe:
        clock.wait_until(ceil(clock.now()) + ENTRY_SECONDS)
        injecting = injected = clock.now()
        try:
            seconds = windows.fault + windows.hold + SPARE_SECONDS
            cell.kind.inject(environment, cell.target, FaultSpec(seconds, seed, cell.members, share))
            injected = clock.now()
            clock.wait_until(ceil(injected) + windows.fault + windows.hold)
        except Unsupported:
            raise
        except LabError as error:
            doubt = str(error)
        finally:
            over = clock.now()
            with shielded():
                cell.kind.revert(environment, cell.target)
        reverted = clock.now()
        clock.wait_until(reverted + windows.after)
    if cell.kind.layer == "code":
        injecting = injected  # it begins at the moment for which it was scheduled
    counted = min(ceil(injected) + windows.fault, over)
    marks = Timestamps(base, injecting, injected, counted, over, reverted, clock.now(), cell.kind.lasts)
    done = FaultTrial(cell, marks, doubt=doubt)
    failed = probe.first_failure(clock.moment(injecting))
    done.probe_failed = None if failed is None else clock.of(failed)
    done.restarts = _restarts(environment) - restarts
    now = affected_calls(environment, cell.target)
    done.affected = None if now is None or affected is None or now < affected else now - affected
    if doubt is None:
        done.evidence = _evidence(done)
    return done


def _evidence(done: FaultTrial) -> str | None:
    """Independent evidence that the fault was active."""
    if done.restarts:
        return f"{done.restarts} restarts"
    if done.cell.kind.layer == "code":
        return f"{done.affected} calls affected" if done.affected else None
    if done.probe_failed is not None and done.probe_failed <= done.marks.reverted + 1:
        return f"health check failed after {max(0.0, done.probe_failed - done.marks.injected):.1f} s"
    return None


def _restarts(environment: Environment) -> int:
    return sum(used.starts for used in environment.usage().values())
