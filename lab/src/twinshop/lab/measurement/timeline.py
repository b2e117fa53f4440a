"""Sessions offered and good, second by second and journey by journey: what all figures of a fault are made from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from twinshop.lab.load.api import LoadResult
from twinshop.lab.statistics.failure import Timeline, Window


@dataclass(frozen=True, slots=True)
class Course:
    """
    A piece of a load.

    Attributes:
        first: the second of the load with which it begins.
        journeys: one timeline for each, all of the same length.
    """

    first: int
    journeys: Mapping[str, Timeline]

    @property
    def total(self) -> Timeline:
        """All journeys together."""
        return self.of(self.journeys)

    def of(self, journeys: Collection[str]) -> Timeline:
        """Some journeys together."""
        chosen = [self.journeys[name] for name in journeys]
        offered = [sum(counts) for counts in zip(*(each.offered for each in chosen), strict=True)]
        good = [sum(counts) for counts in zip(*(each.good for each in chosen), strict=True)]
        return Timeline(offered, good)

    def window(self, seconds: range) -> Window:
        """Seconds of the load as places of the timelines."""
        length = min(len(each.offered) for each in self.journeys.values())
        start, stop = (min(max(at - self.first, 0), length) for at in (seconds.start, seconds.stop))
        return start, max(start, stop)

    def counted(self, seconds: range) -> tuple[int, int]:
        """Sessions offered and good."""
        total, window = self.total, slice(*self.window(seconds))
        return round(sum(total.offered[window])), round(sum(total.good[window]))

    def as_json(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "offered": {name: list(each.offered) for name, each in self.journeys.items()},
            "good": {name: list(each.good) for name, each in self.journeys.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Course":
        return cls(data["first"], {name: Timeline(data["offered"][name], data["good"][name]) for name in data["good"]})


def ended_of(result: LoadResult, first: int, end: int) -> Timeline:
    """
    Sessions that ended in each second from `first` to before `end`, and the good ones among them.

    A failure is seen when its session ends: a visitor who is kept waiting fails seconds after the session was due.
    """
    offered, good = [0] * (end - first), [0] * (end - first)
    for moment, well in result.ends:
        if first <= moment < end:
            offered[int(moment) - first] += 1
            good[int(moment) - first] += well
    return Timeline(offered, good)


def course_of(result: LoadResult, first: int, end: int) -> Course:
    """The seconds from `first` to before `end` of a load."""

    def timeline(journey: str) -> Timeline:
        windows = [{"start": at, "end": at + 1, "journey": journey} for at in range(first, end)]
        offered = [result.sessions(**window) for window in windows]  # type: ignore[arg-type]
        good = [
            round(due * result.good_ratio(**window)) if due else 0  # type: ignore[arg-type]
            for due, window in zip(offered, windows, strict=True)
        ]
        return Timeline(offered, good)

    return Course(first, {journey: timeline(journey) for journey, weight in result.plan.mix.items() if weight})
