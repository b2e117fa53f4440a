"""What a load is, and what is known of it afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

JOURNEYS = ("browse", "search", "translate", "cart", "checkout")
"""
What a session does, each a few requests in a row.

- browse: home page, a category, a product, in English.
- search: the search page by words of a product, then that product.
- translate: a product page in Spanish, which must be in Spanish.
- cart: a product put into a new cart; the cart page shows it.
- checkout: a product put into a new cart, paid for by the API, the order read back.
"""
BALANCED: Mapping[str, float] = {"browse": 40, "search": 20, "translate": 20, "cart": 10, "checkout": 10}


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
    """

    url: str
    phases: Sequence[Phase]
    mix: Mapping[str, float] = field(default_factory=lambda: dict(BALANCED))
    seed: int = 1
    think_seconds: float = 0.0
    max_in_flight: int = 500
    timeout_seconds: float = 10.0
    cores: tuple[int, ...] | None = None

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)


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

    `started` is the moment at which it began by `time.time`. Windows are seconds since then, None for all of it.
    """

    started: float
    seconds: Sequence[Second]
    dropped: int
    generator_cpu_ratio: float
    """CPU time of the generator / elapsed time, the highest of any five seconds."""
    lag_p99_ms: float
    """How late the dispatcher woke up."""

    def requests(self, start: float | None = None, end: float | None = None) -> int: ...

    def percentile(
        self, q: float, *, start: float | None = None, end: float | None = None, journey: str | None = None
    ) -> float:
        """Latency in ms from the intended start, from HdrHistograms; q from 0 to 100."""

    def good_ratio(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> float:
        """Sessions that went well / sessions offered (dropped ones are not good)."""

    def goodput(self, *, start: float | None = None, end: float | None = None, journey: str | None = None) -> float:
        """Good sessions a second."""

    def errors(self) -> Mapping[str, int]:
        """How often each kind of failure was seen, in words."""

    def orders(self) -> tuple[int, int]:
        """Orders acknowledged, and checkouts whose end is unknown (no answer)."""

    def void(self) -> str | None:
        """Why this load does not count: the generator was late or used more than 80 % of its processor."""


class RunningLoad(Protocol):
    """A load under way, in a child process (Locust patches sockets when it is imported)."""

    def seconds(self) -> float:
        """Since its first arrival was due; negative while it still prepares."""

    def wait(self) -> LoadResult:
        """Until all sessions have ended. Raises LoadError if the generator fails."""

    def stop(self) -> None:
        """At once."""


class LoadError(Exception):
    """The generator itself failed: the message says how, with the end of its log."""


def start_load(plan: LoadPlan, folder: Path) -> RunningLoad:
    """Start the generator; what it records goes to `folder`."""
    raise NotImplementedError


def read_load(folder: Path) -> LoadResult:
    raise NotImplementedError
