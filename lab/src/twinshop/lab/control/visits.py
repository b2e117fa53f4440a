"""
What became of each visit, and what the room says of a shop because of it.

A visit counts for the second in which it was due, and is good only if it ended well within a visitor's patience:
what a shop answers later, such as the backlog after a hang, is lost.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any, Literal

from twinshop.contracts.components import COMPONENTS
from twinshop.lab.load.record import DEGRADED, DROPPED, GOOD, UNFINISHED
from twinshop.lab.words import agreeing, counted

PATIENCE_SECONDS = 5.0
"""How long a visitor of the room waits for all answers of a visit together."""
KEPT_SECONDS = 900.0
RECENT_SECONDS = 4.0
"""What a state speaks of: visits whose fate was decided in these last seconds."""
NOTICED_SECONDS = 1.0
"""A visit that waits longer is mentioned; a page that takes longer is slow."""
MOST = 0.5
"""From this share of lost visits on, a shop is as good as down."""

Level = Literal["good", "warn", "bad", "none"]
Fate = Literal["good", "degraded", "waiting", "failed", "late"]
FATES: tuple[Fate, ...] = ("good", "degraded", "waiting", "failed", "late")
NO_ANSWER = frozenset({"timed out", "connection refused", "connection broken", DROPPED, UNFINISHED})
"""The outcomes of visits whose last request got no answer at all."""

Health = Literal["ready", "slow", "failing", "not ready", "silent", "down"]
"""
Of a component: `silent` takes connections and does not answer, `down` refuses them, `not ready` says so itself,
`failing` answers calls with errors.
"""
BROKEN: tuple[Health, ...] = ("failing", "not ready", "silent", "down")


@dataclass(slots=True)
class Visit:
    """
    One session of the load.

    Attributes:
        due: when the visitor came, by `time.time`.
        seconds: from then until the end; None while it lasts.
        outcome: of `twinshop.lab.load.record`, or the reason why it failed.
    """

    due: float
    journey: str
    seconds: float | None = None
    outcome: str = ""

    def fate(self, now: float) -> Fate:
        if self.waited(now) > PATIENCE_SECONDS:
            return "late"
        if self.seconds is None:
            return "waiting"
        if self.outcome in (GOOD, DEGRADED):
            return "good" if self.outcome == GOOD else "degraded"
        return "failed"

    def waited(self, now: float) -> float:
        """Seconds until its end, or until now while it lasts."""
        return now - self.due if self.seconds is None else self.seconds

    def decided(self, patience: float = PATIENCE_SECONDS) -> float:
        """The moment at which its fate is known, at the latest."""
        return self.due + (patience if self.seconds is None else min(self.seconds, patience))

    def answered_at(self) -> float | None:
        """When its last answer came; None without one."""
        if self.seconds is None or self.outcome in NO_ANSWER:
            return None
        return self.due + self.seconds


@dataclass(frozen=True, slots=True)
class Second:
    """
    The visits that were due in one second.

    Attributes:
        at: the beginning of the second, by `time.time`.
        slowest: seconds that the slowest of them took, or waits already; None without visits.
    """

    at: int
    good: int
    degraded: int
    waiting: int
    failed: int
    late: int
    slowest: float | None

    @property
    def due(self) -> int:
        return self.good + self.degraded + self.waiting + self.failed + self.late


def by_second(visits: Iterable[Visit], since: float, now: float) -> list[Second]:
    """Every second from `since` to `now`, also those without visits. Each visit is in exactly one."""
    first, last = math.floor(since), math.floor(now)
    fates = {at: dict.fromkeys(FATES, 0) for at in range(first, last + 1)}
    slowest: dict[int, float | None] = dict.fromkeys(fates)
    for visit in visits:
        at = math.floor(visit.due)
        if at in fates:
            fates[at][visit.fate(now)] += 1
            slowest[at] = round(max(slowest[at] or 0.0, visit.waited(now)), 3)
    return [Second(at, **counts, slowest=slowest[at]) for at, counts in fates.items()]


@dataclass(slots=True)
class VisitLog:
    """
    The visits of one shop, from the lines of its load (`twinshop.lab.load.live`).

    Attributes:
        now: until when the visits are known, by `time.time`; 0 before the first line.
    """

    now: float = 0.0
    _visits: dict[tuple[int, int], Visit] = field(default_factory=dict)
    _loads: Iterator[int] = field(default_factory=lambda: count(1))
    _load: int = 0

    def take(self, line: Mapping[str, Any]) -> None:
        """One line of the present load."""
        started = line["started"]
        for number, due, journey in line["due"]:
            self._visits[self._load, number] = Visit(started + due, journey)
        for number, end, outcome in line["ended"]:
            if visit := self._visits.get((self._load, number)):
                visit.seconds, visit.outcome = started + end - visit.due, outcome
        self.now = line["at"]
        for key in [key for key, visit in self._visits.items() if visit.due < self.now - KEPT_SECONDS]:
            del self._visits[key]

    def next_load(self) -> None:
        """The load was stopped, and with it the visits that still lasted: no visitor left them."""
        for key in [key for key, visit in self._visits.items() if visit.seconds is None]:
            del self._visits[key]
        self._load = next(self._loads)

    def between(self, since: float, end: float) -> list[Visit]:
        """Those that were due from one moment until before the other."""
        return [visit for visit in list(self._visits.values()) if since <= visit.due < end]


@dataclass(frozen=True, slots=True)
class State:
    """
    What the room says of a shop.

    Attributes:
        level: for its colour: `good`, some of it lost (`warn`), as good as down (`bad`), or `none` without visits.
        silent: nothing answers: a page that is shown is an old one.
    """

    level: Level
    text: str
    silent: bool = False


def state_of(visits: Iterable[Visit], now: float, health: Mapping[str, Health], page_ms: int | None) -> State:
    """
    Put into one sentence what visitors get.

    Args:
        visits: of the last ten seconds or more.
        now: until when they are known.
        health: of each component.
        page_ms: how long the page took that the room itself asked for; None if it did not come.
    """
    visits = list(visits)
    decided = [visit for visit in visits if now - RECENT_SECONDS < visit.decided() <= now]
    fates = [visit.fate(now) for visit in decided]
    lost = [visit for visit, fate in zip(decided, fates, strict=True) if fate in ("failed", "late")]
    waiting = [visit for visit in visits if visit.fate(now) == "waiting" and now - visit.due > NOTICED_SECONDS]
    queue = f"{counted(len(waiting), 'visit')} {agreeing(len(waiting), 'wait')}"
    answers = [moment for visit in visits if (moment := visit.answered_at()) is not None]
    if page_ms is None and not any(moment > now - RECENT_SECONDS / 2 for moment in answers):
        since = f" for {now - max(answers):.0f} s" if answers else ""
        told = [queue] if waiting else []
        told += [f"{len(lost)} lost in {RECENT_SECONDS:.0f} s"] if lost else []
        return State("bad", f"No answer{since}" + (f": {', '.join(told)}" if told else ""), silent=True)
    why = _why(health)
    if lost:
        level: Level = "bad" if len(lost) >= MOST * len(decided) else "warn"
        fail = agreeing(len(lost), "fail")
        return State(level, f"{len(lost)} of {counted(len(decided), 'visit')} {fail}: {why or _reason(lost)}")
    if waiting:
        return State("warn", f"{queue}{why and f': {why}'}")
    if not decided:
        return State("none", "No visits" + ("" if page_ms is None else f"; a page takes {page_ms} ms"))
    return _served(decided, fates.count("degraded"), why)


def _served(visits: list[Visit], degraded: int, why: str) -> State:
    """The state of a shop that has lost no visit."""
    number = counted(len(visits), "visit")
    if degraded:
        return State("warn", f"{degraded} of {number} {agreeing(degraded, 'lack')} a part{why and f': {why}'}")
    took = median(visit.seconds or 0.0 for visit in visits)
    if took > NOTICED_SECONDS:
        return State("warn", f"All {number} good, but slow: {took:.1f} s{why and f', {why}'}")
    return State("good", f"All {number} good, in {took:.2f} s")


def _why(health: Mapping[str, Health]) -> str:
    """The parts that are missing, else those that are slow; empty if all are fine."""
    broken = [f"no {COMPONENTS[name].noun}" for name, state in health.items() if state in BROKEN]
    slow = [f"slow {COMPONENTS[name].noun}" for name, state in health.items() if state == "slow"]
    return "no component answers" if len(broken) == len(COMPONENTS) else ", ".join(broken or slow)


def _reason(lost: list[Visit]) -> str:
    """The most frequent one; visits without an outcome of their own were too late."""
    reasons = [
        f"later than {PATIENCE_SECONDS:.0f} s" if visit.fate(math.inf) == "late" else visit.outcome for visit in lost
    ]
    return max(reasons, key=reasons.count)
