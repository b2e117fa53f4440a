"""What a load is."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

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
