"""What was measured while a shop was held at a rate."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite, nan
from statistics import median
from typing import Any

from twinshop.lab.environments.protocol import Usage
from twinshop.lab.load.api import LoadResult
from twinshop.lab.statistics.steady import FEWEST_SECONDS, steady

QUANTILES = (50, 95, 99)
MOST_STOLEN = 0.15
"""Of the shop's processors by others. What the kernel does for the network of containers counts as others, too."""


@dataclass(frozen=True, slots=True)
class Reading:
    """
    The meters at one moment.

    Attributes:
        at: by `time.perf_counter`.
        usage: of each part of the environment.
        total: of the whole environment.
        busy_seconds: how long the shop's processors were busy with anything; NaN if the kernel does not report it.
    """

    at: float
    usage: Mapping[str, Usage]
    total: Usage
    busy_seconds: float


@dataclass(frozen=True, slots=True)
class SteadyLoadResult:
    """
    What was measured in the seconds that count.

    Attributes:
        rate: sessions a second that were to arrive.
        seconds: between the two readings of the usage.
        sessions, requests: that were due.
        begun: sessions of the whole load, the warm-up too.
        dropped: sessions of the whole load that were not begun.
        latency_ms: the quantiles of all requests, by percent (`50`, `95`, `99`).
        journeys: the same of each journey, with `good_ratio`.
        cpu_seconds: of each part of the environment.
        stolen_ratio: the share of the shop's processors that something else used; NaN where the kernel does not tell.
        sent_bytes: of each part that can tell.
        throttled_seconds: time in which the budget's quota was used up; NaN where there is none.
        growth: latency (median) of the last third / of the first third: a shop that falls behind has more than 1.
        medians_ms: the median latency of each second, for the steady-state test; the warm-up too.
        errors: kinds of failure of the whole load, with how often.
        late_ms: quantiles of what the generator added to the latencies of requests, as `latency_ms`.
        void: why it does not count, the load generator's word. That it was late is none: see `late_ms`.
    """

    rate: float
    seconds: float
    sessions: int
    requests: int
    good_ratio: float
    begun: int
    dropped: int
    latency_ms: Mapping[str, float]
    journeys: Mapping[str, Mapping[str, float]]
    cpu_seconds: Mapping[str, float]
    stolen_ratio: float
    sent_bytes: Mapping[str, int]
    throttled_seconds: float
    growth: float
    medians_ms: tuple[float, ...]
    errors: Mapping[str, int]
    generator_cpu_ratio: float
    late_ms: Mapping[str, float]
    void: str | None

    def as_json(self) -> dict[str, Any]:
        """What is not known (NaN) is null."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @property
    def unsteady(self) -> str | None:
        """Why the latency was not stationary; None if it was, or if the seconds that count are too few to tell."""
        counted = self.medians_ms[-round(self.seconds) :]
        return steady(counted).reason if len(counted) >= FEWEST_SECONDS else None

    @property
    def good_sessions(self) -> float:
        return self.sessions * self.good_ratio

    @property
    def cpu_ms_per_session(self) -> float:
        """CPU time of all parts for one good session; NaN if there was none."""
        return 1e3 * sum(self.cpu_seconds.values()) / self.good_sessions if self.good_sessions else nan


def evaluate(result: LoadResult, start: int, before: Reading, after: Reading, processors: int) -> SteadyLoadResult:
    """
    What a load at a constant rate measured from second `start` to its end.

    `before` and `after` are the meters at these two moments; `processors`: how many the shop had.
    """
    end = round(result.plan.seconds)
    used = {part: (before.usage.get(part), usage) for part, usage in after.usage.items()}
    medians = tuple(result.percentile(50, start=at, end=at + 1) for at in range(end))
    cpu = {
        part: usage.cpu_seconds - (0.0 if first is None else first.cpu_seconds) for part, (first, usage) in used.items()
    }
    seconds = after.at - before.at
    stolen = after.busy_seconds - before.busy_seconds - sum(cpu.values())
    return SteadyLoadResult(
        rate=result.plan.phases[0].start,
        seconds=seconds,
        sessions=result.sessions(start=start, end=end),
        requests=result.requests(start, end),
        good_ratio=result.good_ratio(start=start, end=end),
        begun=result.sessions() - result.dropped,
        dropped=result.dropped,
        latency_ms={str(q): result.percentile(q, start=start, end=end) for q in QUANTILES},
        journeys={
            journey: {
                **{str(q): result.percentile(q, journey=journey, start=start, end=end) for q in QUANTILES},
                "good_ratio": result.good_ratio(journey=journey, start=start, end=end),
                "sessions": result.sessions(journey=journey, start=start, end=end),
            }
            for journey, weight in result.plan.mix.items()
            if weight
        },
        cpu_seconds=cpu,
        stolen_ratio=max(0.0, stolen) / (seconds * processors),
        sent_bytes={
            part: usage.sent_bytes - (first.sent_bytes or 0)
            for part, (first, usage) in used.items()
            if usage.sent_bytes is not None and first is not None
        },
        throttled_seconds=_throttled(after.total) - _throttled(before.total),
        growth=_growth(medians[start:]),
        medians_ms=medians,
        errors=result.errors(),
        generator_cpu_ratio=result.generator_cpu_ratio,
        late_ms={str(q): result.late_ms(q, start, end) for q in QUANTILES},
        void=result.void(),
    )


def _throttled(usage: Usage) -> float:
    return nan if usage.throttled_seconds is None else usage.throttled_seconds


def _growth(medians: tuple[float, ...]) -> float:
    known = [value for value in medians if value == value]  # noqa: PLR0124 - NaN: a second without requests
    third = len(known) // 3
    return median(known[-third:]) / median(known[:third]) if third else nan


def _plain(value: Any) -> Any:  # noqa: ANN401 - anything that JSON has
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value
