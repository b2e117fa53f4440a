"""A comparison of two arms, and what may be said of it."""

from dataclasses import dataclass
from typing import Literal

from twinshop.lab.statistics.intervals import Method

EQUIVALENCE = 0.05
"""Two arms are called equivalent when the whole interval of their ratio lies within this distance of 1."""
AGAIN = " again"
"""An arm `mono again` is the same as `mono`: between the two there is nothing but noise."""

Verdict = Literal["better", "worse", "equivalent", "inconclusive"]


@dataclass(frozen=True, slots=True)
class _Compared:
    """What both kinds have."""

    figure: str
    baseline: str
    other: str

    @property
    def verdict(self) -> Verdict:
        raise NotImplementedError

    @property
    def noise_check(self) -> bool:
        """Whether an arm is compared with itself (A/A)."""
        return self.other == self.baseline + AGAIN

    @property
    def covers_none(self) -> bool:
        """Whether the interval holds the value that means no difference at all."""
        raise NotImplementedError

    def _words(self, margin: str, *, known: bool) -> str:
        if not known:
            return "too few blocks to tell"
        if self.noise_check:
            return "no difference, as it should be" if self.covers_none else "differs from itself: noise"
        return {
            "better": f"{self.other} is better",
            "worse": f"{self.baseline} is better",
            "equivalent": f"no difference beyond {margin}",
            "inconclusive": "inconclusive",
        }[self.verdict]


@dataclass(frozen=True, slots=True)
class Comparison(_Compared):
    """
    The ratio of a figure between two arms, over paired blocks.

    Attributes:
        figure: as the trials name it.
        ratio: geometric mean over the blocks of other / baseline.
        low, high: its 95 % interval; NaN with fewer than two blocks.
        n: blocks with both arms valid.
        smaller_is_better: what the figure is like.
        method: how the interval was made.
    """

    ratio: float
    low: float
    high: float
    n: int
    smaller_is_better: bool
    method: Method = "BCa"

    @property
    def verdict(self) -> Verdict:
        """Of the other arm against the baseline."""
        if not (self.low <= self.high):  # NaN: too few blocks
            return "inconclusive"
        if self.low >= 1 - EQUIVALENCE and self.high <= 1 + EQUIVALENCE:
            return "equivalent"
        if self.covers_none:
            return "inconclusive"
        return "better" if (self.high < 1) == self.smaller_is_better else "worse"

    @property
    def covers_none(self) -> bool:
        return self.low <= 1 <= self.high

    @property
    def words(self) -> str:
        """The verdict as it is read in a table."""
        return self._words(f"±{100 * EQUIVALENCE:g}\N{NO-BREAK SPACE}%", known=self.low <= self.high)


@dataclass(frozen=True, slots=True)
class Difference(_Compared):
    """
    The difference of a figure between two arms, over paired blocks: for figures that may be 0, such as failed requests.

    Attributes:
        figure: as the trials name it.
        value: mean over the blocks of other - baseline, in the figure's unit.
        low, high: its 95 % interval; NaN with fewer than two blocks.
        n: blocks with both arms valid.
        smaller_is_better: what the figure is like.
        margin: the arms are called equivalent when the whole interval lies within this distance of 0.
        method: how the interval was made.
    """

    value: float
    low: float
    high: float
    n: int
    smaller_is_better: bool
    margin: float = 0.0
    method: Method = "BCa"

    @property
    def verdict(self) -> Verdict:
        """Of the other arm against the baseline."""
        if not (self.low <= self.high):
            return "inconclusive"
        if self.low >= -self.margin and self.high <= self.margin:
            return "equivalent"
        if self.covers_none:
            return "inconclusive"
        return "better" if (self.high < 0) == self.smaller_is_better else "worse"

    @property
    def covers_none(self) -> bool:
        return self.low <= 0 <= self.high

    @property
    def words(self) -> str:
        """The verdict as it is read in a table."""
        return self._words(f"±{self.margin:g}" if self.margin else "0", known=self.low <= self.high)
