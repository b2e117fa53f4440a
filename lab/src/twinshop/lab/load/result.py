"""What a load measured, read from its folder (see `record`)."""

import csv
import gzip
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twinshop.lab.errors import LoadError
from twinshop.lab.load import histogram
from twinshop.lab.load.plan import JOURNEYS, LoadPlan, Second
from twinshop.lab.load.record import DEGRADED, DROPPED, FAULT, GOOD, UNFINISHED

CPU_WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Interval:
    """The histogram of one step of one second: which of its buckets are not empty, and what is in them."""

    second: int
    journey: str
    step: str
    buckets: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Session:
    number: int
    due: float
    journey: str
    outcome: str

    @property
    def good(self) -> bool:
        return self.outcome in {GOOD, DEGRADED}


class LoadResult:
    """
    What a load measured; read from its folder alone (see `read_load`).

    Windows go from whole second to whole second since `started`, the end excluded; None is the beginning or the end.
    A request belongs to the second in which it was due. Latencies are those of all requests from the intended start,
    a failed one with the time until it failed: look at them together with `good_ratio`.

    Attributes:
        plan: what was asked for.
        started: the moment at which it began, by `time.time`.
        dropped: sessions that found `max_in_flight` others, and were not begun.
        unfinished: sessions that still ran after `drain_seconds`, and were ended.
        degraded: good sessions in which a page said that a part of the shop, which they do not need, is down.
        generator_cpu_ratio: CPU time of the generator / elapsed time, the highest of any five seconds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan = LoadPlan.from_json((folder / "plan.json").read_text(encoding="utf-8"))
        about: dict[str, Any] = json.loads((folder / "generator.json").read_text(encoding="utf-8"))
        self.started: float = about["started"]
        self._stopped: bool = about["stopped"]
        cpu: list[tuple[float, float, float]] = about["cpu"]
        self.generator_cpu_ratio = _busiest([(at, used) for at, used, _ in cpu])
        self._waited = cpu[-1][2] / cpu[-1][0] if cpu and cpu[-1][0] else 0.0
        self._sessions = [
            _Session(int(row["session"]), float(row["due"]), row["journey"], row["outcome"])
            for row in _rows(folder / "sessions.csv.gz")
        ]
        outcomes = Counter(session.outcome for session in self._sessions)
        self.dropped, self.unfinished, self.degraded = (outcomes[each] for each in (DROPPED, UNFINISHED, DEGRADED))

    @cached_property
    def _late(self) -> npt.NDArray[np.float64]:
        """Of each request the second in which it was due, and the milliseconds that the generator added."""
        rows = [
            (float(row["intended"]), (int(row["sent_late_us"]) + int(row["read_late_us"] or 0)) / 1e3)
            for row in _rows(self.folder / "requests.csv.gz")
        ]
        return np.array(rows).reshape(-1, 2)

    @cached_property
    def _intervals(self) -> list[_Interval]:
        return [
            _interval(line) for line in (self.folder / "latency.hlog").read_text().splitlines() if line[:4] == "Tag="
        ]

    @cached_property
    def seconds(self) -> Sequence[Second]:
        """One row for each second of the plan and each journey of the mix."""
        found = []
        for second in range(math.ceil(self.plan.seconds)):
            for journey in (name for name in JOURNEYS if self.plan.mix.get(name)):
                due = self._due(second, second + 1, journey)
                p50, p99 = (self.percentile(q, start=second, end=second + 1, journey=journey) for q in (50, 99))
                found.append(Second(second, journey, len(due), sum(each.good for each in due), p50, p99))
        return tuple(found)

    @cached_property
    def _by_second(self) -> dict[int, list[_Session]]:
        found: dict[int, list[_Session]] = {}
        for session in self._sessions:
            found.setdefault(int(session.due), []).append(session)
        return found

    def _due(self, start: float | None, end: float | None, journey: str | None) -> list[_Session]:
        return [
            session
            for second, sessions in self._by_second.items()
            if _within(second, start, end)
            for session in sessions
            if journey in {None, session.journey}
        ]

    def _counted(
        self, start: float | None, end: float | None, journey: str | None = None, step: str | None = None
    ) -> list[_Interval]:
        return [
            each
            for each in self._intervals
            if _within(each.second, start, end) and journey in {None, each.journey} and step in {None, each.step}
        ]

    def requests(self, start: float | None = None, end: float | None = None) -> int:
        return int(sum(each.counts.sum() for each in self._counted(start, end)))

    def percentile(
        self,
        q: float,
        *,
        start: float | None = None,
        end: float | None = None,
        journey: str | None = None,
        step: str | None = None,
    ) -> float:
        """Latency in ms, from HdrHistograms (nearest rank, three digits); q from 0 to 100. NaN without requests."""
        chosen = self._counted(start, end, journey, step)
        if not chosen:
            return math.nan
        buckets = np.concatenate([each.buckets for each in chosen])
        counts = np.bincount(buckets, np.concatenate([each.counts for each in chosen])).cumsum()
        rank = max(1, math.ceil(round(q / 100 * counts[-1], 6)))
        return float(histogram.highest(np.searchsorted(counts, rank))) / 1e3

    @cached_property
    def ends(self) -> Sequence[tuple[float, bool]]:
        """When each session ended, in seconds of the load, and whether it was good; a dropped one when it was due."""
        last: dict[int, float] = {}
        for row in _rows(self.folder / "requests.csv.gz"):
            end = float(row["intended"]) + int(row["latency_us"]) / 1e6
            last[int(row["session"])] = max(last.get(int(row["session"]), 0.0), end)
        known = [each for each in self._sessions if each.outcome != UNFINISHED]
        return [(last.get(each.number, each.due), each.good) for each in known]

    def late_ms(self, q: float, start: float | None = None, end: float | None = None) -> float:
        """
        Percentile of what the generator added to the latencies of requests, in ms: they hold it.

        How late each was sent, plus how late its answer was read where the kernel tells that. NaN without requests.
        """
        due, late = self._late.T
        chosen = late[(due >= (start or 0)) & (due < (math.inf if end is None else end))]
        return float(np.percentile(chosen, q, method="inverted_cdf")) if chosen.size else math.nan

    def late(self, q: float = 95, start: float | None = None, end: float | None = None) -> str | None:
        """Why the generator was too late for this window, by the plan's `max_lag_ms`; None if it was not."""
        late, most = self.late_ms(q, start, end), self.plan.max_lag_ms
        if not late > most:
            return None
        waited = f"it waited {self._waited:.1%} of the time for its processor"
        return f"the generator was late: p{q:g} {late:.2f} ms, more than {most:g} ms; {waited}"

    def slower(self, ms: float, start: float | None = None, end: float | None = None) -> int:
        """Requests that took longer, to the three digits of the histograms."""
        return sum(
            int(each.counts[histogram.lowest(each.buckets) > ms * 1e3].sum()) for each in self._counted(start, end)
        )

    def sessions(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> int:
        """Sessions offered: those that were due, dropped ones too."""
        return len(self._due(start, end, journey))

    def good_ratio(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> float:
        """Return good sessions / offered sessions (dropped ones are not good); NaN without sessions."""
        due = self._due(start, end, journey)
        return sum(session.good for session in due) / len(due) if due else math.nan

    def goodput(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> float:
        """Good sessions a second."""
        length = min(self.plan.seconds, math.inf if end is None else end) - (start or 0)
        return sum(session.good for session in self._due(start, end, journey)) / length if length > 0 else math.nan

    def errors(self) -> Mapping[str, int]:
        """How often each kind of failure was seen, in words, the most frequent first."""
        kinds = Counter(session.outcome for session in self._sessions if not session.good)
        return dict(kinds.most_common())

    def orders(self) -> tuple[int, int]:
        """Orders acknowledged, and checkouts whose end is unknown (no answer, or one that does not decide)."""
        outcomes = Counter(row["outcome"] for row in _rows(self.folder / "orders.csv"))
        return outcomes["acknowledged"], outcomes["unknown"]

    def acknowledged(self) -> Mapping[str, int]:
        """The orders acknowledged: id to total in minor units."""
        rows = _rows(self.folder / "orders.csv")
        return {row["id"]: int(row["total"]) for row in rows if row["outcome"] == "acknowledged"}

    def void(self) -> str | None:
        """
        Why this load does not count: the generator was too busy, or stopped. None if it counts.

        Lateness alone does not void a load: the acceptable amount depends on the figure, see `late`.
        """
        if self._stopped:
            return "the load was stopped before its end"
        if faults := sum(session.outcome == FAULT for session in self._sessions):
            return f"the generator itself failed in {faults} sessions, see {self.folder / 'generator.log'}"
        if (used := self.generator_cpu_ratio) > self.plan.max_cpu_ratio:
            return f"the generator used {used:.0%} of its processor, more than {self.plan.max_cpu_ratio:.0%}"
        return None


def _within(second: int, start: float | None, end: float | None) -> bool:
    return (start is None or second >= start) and (end is None or second < end)


def _interval(line: str) -> _Interval:
    tag, second, _, _, payload = line.split(",")
    journey, step = tag.removeprefix("Tag=").split(":")
    return _Interval(int(float(second)), journey, step, *histogram.decode(payload))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _busiest(cpu: Sequence[tuple[float, float]]) -> float:
    """The highest CPU time / elapsed time of any window of at least five seconds, or of all if it was shorter."""
    highest, first = 0.0, 0
    for at, used in cpu:
        while first + 1 < len(cpu) and at - cpu[first + 1][0] >= CPU_WINDOW_SECONDS:
            first += 1
        since, before = cpu[first]
        if at - since >= min(CPU_WINDOW_SECONDS, cpu[-1][0] - cpu[0][0]) and at > since:
            highest = max(highest, (used - before) / (at - since))
    return highest


def read_load(folder: Path) -> LoadResult:
    """Raises LoadError for a folder that holds no load, or one that was not written to its end."""
    try:
        return LoadResult(folder)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise LoadError(f"{folder} is not a complete load: {error}") from error
