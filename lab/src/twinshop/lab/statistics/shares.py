"""Shares of counted things, such as failed sessions: none of 9 does not prove 0 %."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot, nan

from scipy import special

from twinshop.lab.statistics.intervals import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Share:
    """
    A share of counted things, with the exact 95 % interval of Clopper and Pearson (1934).

    It takes the things counted as independent of each other. Sessions that meet the same fault are not quite: read it
    as the least uncertainty that there is, and look at how much the trials differ.

    Attributes:
        hits: those that were so.
        n: all of them.
    """

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            raise ValueError(f"{self.hits} of {self.n} is not a share.")

    @property
    def value(self) -> float:
        """NaN of none."""
        return self.hits / self.n if self.n else nan

    @property
    def low(self) -> float:
        """NaN of none."""
        if not self.n:
            return nan
        return float(special.betaincinv(self.hits, self.n - self.hits + 1, (1 - CONFIDENCE) / 2)) if self.hits else 0.0

    @property
    def high(self) -> float:
        """NaN of none."""
        if not self.n:
            return nan
        if self.hits == self.n:
            return 1.0
        return float(special.betaincinv(self.hits + 1, self.n - self.hits, (1 + CONFIDENCE) / 2))

    def p_below(self, bound: float) -> float:
        """How often as few or fewer come out where the true share is `bound`, twice for both sides; 1 of none."""
        return min(1.0, 2 * float(special.bdtr(self.hits, self.n, bound))) if self.n else 1.0

    def p_above(self, bound: float) -> float:
        """How often as many or more come out where the true share is `bound`, twice for both sides; 1 of none."""
        return min(1.0, 2 * float(special.bdtrc(self.hits - 1, self.n, bound))) if self.n else 1.0


def together(shares: Iterable[Share]) -> Share:
    """Return the sum of several shares."""
    found = list(shares)
    return Share(sum(each.hits for each in found), sum(each.n for each in found))


def apart(one: Share, other: Share) -> tuple[float, float, float]:
    """
    Return other - one with its 95 % interval, from the distances of both intervals' ends (MOVER, as Newcombe 1998).

    The two are taken as independent. NaN where one of them is empty.
    """
    value = other.value - one.value
    low = value - hypot(other.value - other.low, one.high - one.value)
    high = value + hypot(other.high - other.value, one.value - one.low)
    return value, low, high
