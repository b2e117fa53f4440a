"""What the trials of `scaling` tell of one shape: it was held at rates, with budgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.scaling.case import MONOLITH, ONE_EACH, QUOTA, Arm, limit_of
from twinshop.lab.experiments.scaling.objective import GROWTH
from twinshop.lab.measurement.steady_load_result import MOST_STOLEN
from twinshop.lab.results.trial import Trial
from twinshop.lab.shapes import MICRO, MONO

ARM_OF: Mapping[str, Arm] = {"mono": MONOLITH, "micro": ONE_EACH}
PROCESSES = {shape.name: tuple(process.name for process in shape.processes) for shape in (MONO, MICRO)}
OUTSIDE = "outside"
"""CPU time on the shop's processors that no part of it was charged for: the kernel's work for the network, mostly."""
FEWEST_REQUESTS = 100
QUANTILES = ("50", "95", "99")
LEAST_GOOD = 0.99


@dataclass(frozen=True, slots=True)
class Point:
    """
    A shop held at a rate while it kept up with it.

    Attributes:
        trial: its id.
        cpus: the budget, in processors.
        workers: of each process.
        rate: requests a second.
        requests: how many were counted.
        cpu: processors used by each part, and by `outside`.
        latency_ms: by percent; all requests.
    """

    trial: str
    cpus: float
    workers: Mapping[str, int]
    rate: float
    requests: int
    cpu: Mapping[str, float]
    latency_ms: Mapping[str, float]

    @property
    def whole(self) -> bool:
        """Whole processors; a quota of a part of one stops everybody for a while, which no queue describes."""
        return self.cpus == int(self.cpus)


@dataclass(frozen=True, slots=True)
class Measured:
    """
    One shape under one mix.

    Attributes:
        shape: `mono` or `micro`.
        points: in the order in which they were measured.
        capacities: of each trial that found one: budget in processors, requests a second.
        objective: quantile and bound of these capacities.
        memory_bytes: of each trial with whole processors: of one worker of each process, and of the other parts.
        requests_per_session: median over the points.
    """

    shape: str
    mix: str
    points: Sequence[Point]
    capacities: Sequence[tuple[float, float]]
    objective: tuple[str, float]
    memory_bytes: Sequence[Mapping[str, float]]
    requests_per_session: float

    @property
    def processes(self) -> tuple[str, ...]:
        """Those that can be replicated; the other parts are stores and the edge."""
        return PROCESSES[self.shape]

    @property
    def queued(self) -> list[Point]:
        """Those whose latency a queue describes."""
        return [point for point in self.points if point.whole]


def measured(trials: Sequence[Trial], shape: str, mix: str) -> Measured:
    """
    Read the trials of one shape and mix.

    Raises:
        LabError: there are no such trials; it says which there are.
    """
    scaling = [trial for trial in trials if trial.spec.experiment == "scaling" and "probes" in trial.outcome.detail]
    if not scaling:
        raise UsageError("This run has no trials of scaling. Measure them: twinshop run scaling --effort full")
    known = [name for name, arm in ARM_OF.items() if any(trial.spec.arm == arm for trial in scaling)]
    if shape not in known:
        raise UsageError(f"This run did not measure how `{shape}` scales. It did for: {', '.join(known) or '-'}.")
    own = [
        trial
        for trial in scaling
        if trial.spec.arm == ARM_OF[shape] and trial.spec.factors["mix"] == mix and not _quota_of_whole(trial)
    ]
    if not own:
        mixes = sorted({str(trial.spec.factors["mix"]) for trial in scaling if trial.spec.arm == ARM_OF[shape]})
        raise UsageError(f"This run did not measure {shape} under the mix `{mix}`. It did: {', '.join(mixes)}.")
    goal = own[0].outcome.detail["objective"]
    found = [(trial, row) for trial in own for row in _rows(trial) if _counts(row, float(goal["latency_ms"]))]
    valid = [trial for trial in own if trial.valid]
    return Measured(
        shape,
        mix,
        [_point(trial, row) for trial, row in found],
        [(float(trial.spec.factors["cpus"]), trial.outcome.figures["capacity_requests_per_s"]) for trial in valid],
        (str(goal["percent"]), float(goal["latency_ms"])),
        [_memory(trial, shape) for trial in valid if float(trial.spec.factors["cpus"]).is_integer()],
        median(row["requests"] / row["sessions"] for _, row in found) if found else 0.0,
    )


def _quota_of_whole(trial: Trial) -> bool:
    """Whether it had whole processors as a quota: only pinned ones are a size that can be planned with."""
    factors = trial.spec.factors
    return limit_of(factors) == QUOTA and float(factors["cpus"]).is_integer()


def _rows(trial: Trial) -> Iterator[Mapping[str, Any]]:
    yield from trial.outcome.detail["probes"]
    yield from trial.outcome.detail.get("ladder", ())


def _counts(row: Mapping[str, Any], bound_ms: float) -> bool:
    """The generator was fit, no other process used the processors, and the shop kept up: no loss, no backlog."""
    backlog = (row["growth"] or 0.0) > GROWTH and (row["latency_ms"]["50"] or 0.0) > bound_ms / 4  # as in `Objective`
    return (
        row["void"] is None
        and (row["stolen_ratio"] or 0.0) <= MOST_STOLEN
        and not row["dropped"]
        and row["requests"] >= FEWEST_REQUESTS
        and (row["good_ratio"] or 0.0) >= LEAST_GOOD
        and all(row["latency_ms"][q] for q in QUANTILES)
        and not backlog
    )


def _point(trial: Trial, row: Mapping[str, Any]) -> Point:
    cpus, seconds = float(trial.spec.factors["cpus"]), row["seconds"]
    cpu = {part: used / seconds for part, used in row["cpu_seconds"].items()}
    cpu[OUTSIDE] = (row["stolen_ratio"] or 0.0) * -(-cpus // 1)
    return Point(
        trial.id,
        cpus,
        trial.outcome.detail["workers"],
        row["requests"] / seconds,
        row["requests"],
        cpu,
        {q: row["latency_ms"][q] for q in QUANTILES},
    )


def _memory(trial: Trial, shape: str) -> dict[str, float]:
    workers = trial.outcome.detail["workers"]
    return {
        part: used / (workers.get(part, 1) if part in PROCESSES[shape] else 1)
        for part, used in trial.outcome.detail["memory_bytes"].items()
    }
