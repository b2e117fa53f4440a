"""A comparison of two arms, and what may be said of it."""

from dataclasses import dataclass
from typing import Literal

EQUIVALENCE = 0.05
"""Two arms are called equivalent when the whole interval of their ratio lies within this distance of 1."""

Verdict = Literal["better", "worse", "equivalent", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    The ratio of a figure between two arms, over paired blocks.

    Attributes:
        ratio: geometric mean over the blocks of other / baseline.
        low, high: its 95 % interval (paired BCa bootstrap over blocks); NaN with fewer than two blocks.
        n: blocks with both arms valid.
        smaller_is_better: what the figure is like.
    """

    figure: str
    baseline: str
    other: str
    ratio: float
    low: float
    high: float
    n: int
    smaller_is_better: bool

    @property
    def verdict(self) -> Verdict:
        """Of the other arm against the baseline."""
        if not (self.low <= self.high):  # NaN: too few blocks
            return "inconclusive"
        if self.low >= 1 - EQUIVALENCE and self.high <= 1 + EQUIVALENCE:
            return "equivalent"
        if self.low <= 1 <= self.high:
            return "inconclusive"
        return "better" if (self.ratio < 1) == self.smaller_is_better else "worse"
