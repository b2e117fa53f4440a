"""What a load is, and what is known of it afterwards."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol

JOURNEYS = ("browse", "search", "translate", "cart", "checkout")
"""
What a session does, each a few requests in a row.

- browse: home page, a category, a product, in English.
- search: the search page by words of a product, then that product.
- translate: a product page in Spanish, which must be in Spanish.
- cart: a product put into a new cart; the cart page shows it.
- checkout: a product put into a new cart, paid for by the API, the order read back.

`twinshop.lab.load.open.journeys` makes them, and says which components each of them needs.
"""
BALANCED: Mapping[str, float] = {"browse": 40, "search": 20, "translate": 20, "cart": 10, "checkout": 10}


_URL = re.compile(r"http://[^/]+")


@dataclass(frozen=True, slots=True)
class Phase:
    """Arrivals at a rate that goes evenly from `start` to `end` (sessions a second) over `seconds`."""

    seconds: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """
    An open load: sessions arrive as a Poisson process, whatever the shop does.

    Attributes:
        url: of the shop.
        phases: the arrival profile; see `twinshop.lab.load.profiles` for constant, step, spike, soak and a CSV trace.
        mix: the weights of the journeys.
        seed: of the arrivals, the choice of journeys and products.
        think_seconds: mean pause between the requests of a session (exponential).
        max_in_flight: sessions at the same time; those that arrive beyond are dropped, and counted.
        timeout_seconds: of a request.
        cores: processors of the generator.
        drain_seconds: how long sessions that still run at the end may go on.
        live: whether it writes down each second while it runs (`twinshop.lab.load.live`).
        max_lag_ms: what is told of a window does not count if the generator added more to its latencies; see
            `LoadResult.late`.
        max_cpu_ratio: the load is invalid if the generator used a larger share of its processor.
    """

    url: str
    phases: Sequence[Phase]
    mix: Mapping[str, float] = field(default_factory=lambda: dict(BALANCED))
    seed: int = 1
    think_seconds: float = 0.0
    max_in_flight: int = 500
    timeout_seconds: float = 10.0
    cores: tuple[int, ...] | None = None
    drain_seconds: float = 30.0
    live: bool = False
    max_lag_ms: float = 1.0
    max_cpu_ratio: float = 0.8

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)

    def fault(self) -> str | None:
        """Why it cannot be run, to a person."""
        rates = [rate for phase in self.phases for rate in (phase.start, phase.end)]
        weights = self.mix.values()
        unknown = sorted(self.mix.keys() - set(JOURNEYS))
        lengths_make_sense = all(phase.seconds >= 0 for phase in self.phases) and 0 < self.seconds < math.inf
        rates_make_sense = all(0 <= rate < math.inf for rate in rates) and any(rates)
        weights_make_sense = all(0 <= weight < math.inf for weight in weights) and any(weights)
        limits_make_sense = self.max_in_flight >= 1 and self.timeout_seconds > 0
        pauses_make_sense = self.think_seconds >= 0 and self.drain_seconds >= 0
        checks = {
            f"invalid address '{self.url}': write the address of a shop, such as http://localhost:8100": bool(
                _URL.fullmatch(self.url)
            ),
            "A load must take more than 0 seconds.": lengths_make_sense,
            "The rate must be a number of sessions a second, at least once more than 0.": rates_make_sense,
            f"unknown journey '{', '.join(unknown)}': choose from {', '.join(JOURNEYS)}": not unknown,
            "The weights of the mix must be numbers from 0, at least one of them more than 0.": weights_make_sense,
            "max_in_flight and timeout_seconds must be more than 0.": limits_make_sense,
            "think_seconds and drain_seconds must not be negative.": pauses_make_sense,
        }
        return next((message for message, passed in checks.items() if not passed), None)

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "LoadPlan":
        data = json.loads(text)
        cores = None if data["cores"] is None else tuple(data["cores"])
        return cls(**{**data, "phases": tuple(Phase(**phase) for phase in data["phases"]), "cores": cores})


@dataclass(frozen=True, slots=True)
class Second:
    """
    One second of one journey, by the intended start of its sessions.

    Attributes:
        second: since the load began.
        offered: sessions that were due.
        good: those all of whose answers were right.
        p50_ms, p99_ms: of the requests due in this second; NaN if there were none.
    """

    second: int
    journey: str
    offered: int
    good: int
    p50_ms: float
    p99_ms: float


class LoadResult(Protocol):
    """
    What a load measured; read from its folder alone.

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

    plan: LoadPlan
    started: float
    dropped: int
    unfinished: int
    degraded: int
    generator_cpu_ratio: float

    @property
    def seconds(self) -> Sequence[Second]:
        """One row for each second of the plan and each journey of the mix."""

    @property
    def ends(self) -> Sequence[tuple[float, bool]]:
        """When each session ended, in seconds of the load, and whether it was good; a dropped one when it was due."""

    def requests(self, start: float | None = None, end: float | None = None) -> int: ...

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

    def late_ms(self, q: float, start: float | None = None, end: float | None = None) -> float:
        """
        Percentile of what the generator added to the latencies of requests, in ms: they hold it.

        How late each was sent, plus how late its answer was read where the kernel tells that. NaN without requests.
        """

    def late(self, q: float = 95, start: float | None = None, end: float | None = None) -> str | None:
        """Why the generator was too late for this window, by the plan's `max_lag_ms`; None if it was not."""

    def slower(self, ms: float, start: float | None = None, end: float | None = None) -> int:
        """Requests that took longer, to the three digits of the histograms."""

    def sessions(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> int:
        """Sessions offered: those that were due, dropped ones too."""

    def good_ratio(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> float:
        """Return good sessions / offered sessions (dropped ones are not good); NaN without sessions."""

    def goodput(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> float:
        """Good sessions a second."""

    def errors(self) -> Mapping[str, int]:
        """How often each kind of failure was seen, in words, the most frequent first."""

    def orders(self) -> tuple[int, int]:
        """Orders acknowledged, and checkouts whose end is unknown (no answer, or one that does not decide)."""

    def acknowledged(self) -> Mapping[str, int]:
        """The orders acknowledged: id to total in minor units."""

    def void(self) -> str | None:
        """
        Why this load does not count: the generator was too busy, or stopped. None if it counts.

        Lateness alone is no reason: how much of it is acceptable depends on the figure, see `late`.
        """


class RunningLoad(Protocol):
    """A load under way, in a child process (Locust patches sockets when it is imported)."""

    def seconds(self) -> float:
        """Since it began; negative while it still prepares."""

    def running(self) -> bool:
        """Whether the generator is there; it may have failed."""

    def wait(self) -> LoadResult:
        """Until all sessions have ended. Raises LoadError if the generator fails. Interrupted, it stops the load."""

    def stop(self) -> None:
        """At once; what was measured so far is kept in the folder. Does nothing to a load that has ended."""
