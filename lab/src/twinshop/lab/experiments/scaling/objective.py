"""The service level objective, and whether a shop that was held at a rate kept it."""

from dataclasses import dataclass

from twinshop.lab.measurement.steady_load_result import MOST_STOLEN, SteadyLoadResult

TAIL = 100
"""Requests that must lie beyond a quantile for it to be called measured: 10,000 requests for p99, 2,000 for p95."""
GROWTH = 2.0
"""A median latency that grows by this much within a probe is a backlog, if it is also no longer small."""


class InvalidTrial(Exception):
    """The probe says nothing, or not enough, about the shop: the message says why."""


@dataclass(frozen=True, slots=True)
class Objective:
    """
    What must hold over the seconds that count.

    Attributes:
        percent: the quantile of the latency of all requests, 95 or 99.
        latency_ms: its bound.
        error_ratio: the most sessions that may fail; below 1 / this many sessions, none may.
    """

    percent: int = 95
    latency_ms: float = 200.0
    error_ratio: float = 0.001

    def __str__(self) -> str:
        return f"p{self.percent} of all requests ≤ {self.latency_ms:g} ms, failed sessions ≤ {self.error_ratio:.1%}"

    def missed(self, held: SteadyLoadResult) -> str | None:
        """
        Why the shop did not keep it; None if it did.

        How late the generator was, at the same quantile, is an interval around the latency. The decision must be the
        same all over it. Misses and passes are treated alike: to believe late misses and drop late passes would make
        capacities too low.

        Raises:
            InvalidTrial: the load generator was at fault, so the result is unknown.
        """
        latency, late = held.latency_ms[str(self.percent)], held.late_ms[str(self.percent)]
        if held.void is not None:
            raise InvalidTrial(held.void)
        if late > self.latency_ms:
            raise InvalidTrial(f"the generator was late by {late:.0f} ms (p{self.percent}), more than the bound")
        if held.stolen_ratio > MOST_STOLEN:
            raise InvalidTrial(f"something else used {held.stolen_ratio:.0%} of the shop's processors")
        if not held.sessions:
            return "no session arrived"
        if held.dropped:
            return f"{held.dropped} sessions were dropped"
        if held.good_ratio < 1 - self.error_ratio:
            return f"{1 - held.good_ratio:.2%} of the sessions failed"
        if latency - late <= self.latency_ms < latency + late:
            raise InvalidTrial(
                f"p{self.percent} was {latency:.0f} ms, and the generator late by {late:.1f} ms: too close to tell"
            )
        if not latency <= self.latency_ms:
            return f"p{self.percent} was {latency:.0f} ms"
        if held.growth > GROWTH and held.latency_ms["50"] > self.latency_ms / 4:
            return f"the latency grew by {held.growth:.1f} within the probe"
        return None
