"""Comparisons of two arms, and their verdicts."""

from dataclasses import dataclass
from math import log, nan
from typing import ClassVar, Literal, Self

from scipy import special

from twinshop.lab.results.trial import AGAIN
from twinshop.lab.statistics import looks
from twinshop.lab.statistics.evidence import Zone, p_beyond, p_within
from twinshop.lab.statistics.intervals import Method, quantile
from twinshop.lab.words import counted, plural

EQUIVALENCE = 0.05
"""The smallest effect of interest: ratios closer to 1 count as equal."""
MANY = 1_000_000
"""Degrees of freedom of an interval that is not Student's: none are lost."""
LEAST = f"{100 * EQUIVALENCE:g}\N{NO-BREAK SPACE}%"

Verdict = Literal["better", "worse", "small", "equivalent", "inconclusive", "withdrawn"]
"""
Of the other arm against the baseline. `small`: the direction is known, but not that the effect is one of interest.
"""
Outcome = Literal["equivalent", "differs", "too noisy", "unknown"]
"""Of an arm against itself. `too noisy`: it holds no difference, and also differences that matter."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """
    A figure of two arms over paired blocks, and its verdict.

    Attributes:
        figure: as the trials name it.
        baseline: the arm below the line, or the one that is taken away.
        other: the arm above it, or from which it is taken.
        value: mean over the units of what the other arm has against the baseline.
        low, high: its 95 % interval; NaN with fewer than two units, and where nothing varied.
        n: units with both arms valid.
        smaller_is_better: what the figure is like.
        method: how the interval was made.
        unit: what was repeated: a block, or a mix or a component that was measured once each.
        check: the A/A pair of the same figure; None if the experiment has none.
        withdrawn: the reason for withholding the verdict regardless of the interval; None if it stands.
    """

    figure: str
    baseline: str
    other: str
    value: float
    low: float
    high: float
    n: int
    smaller_is_better: bool
    method: Method = "t"
    unit: str = "block"
    check: Self | None = None
    withdrawn: str | None = None

    @property
    def noise_check(self) -> bool:
        """Return whether an arm is compared with itself (A/A)."""
        return self.other == self.baseline + AGAIN

    @property
    def counted(self) -> str:
        """Return the number of repetitions in words, such as `4 mixes`."""
        return counted(self.n, self.unit, "\N{NO-BREAK SPACE}")

    def _ends(self) -> tuple[float, float, float]:
        """Value, low and high on a scale on which effects add up: the logarithms of a ratio, or a difference itself."""
        raise NotImplementedError

    def _zone(self) -> Zone:
        raise NotImplementedError

    def _least(self) -> str:
        raise NotImplementedError

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        _, low, high = self._ends()
        return low <= high

    @property
    def covers_none(self) -> bool:
        """Whether the interval holds the value that means no difference at all."""
        _, low, high = self._ends()
        return low <= 0 <= high

    @property
    def outcome(self) -> Outcome:
        """Of an A/A pair, in three words; `unknown` without an interval."""
        _, low, high = self._ends()
        if not self.known:
            return "unknown"
        zone = self._zone()
        if zone.low <= low and high <= zone.high:
            return "equivalent"
        return "too noisy" if self.covers_none else "differs"

    @property
    def reach(self) -> float:
        """
        Of an A/A pair: the largest effect that it does not rule out between two arms that are the same.

        0 if it rules out all that matter, or has no interval; on the scale of the verdicts.
        """
        if self.outcome in ("equivalent", "unknown"):
            return 0.0
        _, low, high = self._ends()
        return max(abs(low), abs(high))

    @property
    def allowance(self) -> float:
        """By how much both ends of the interval are moved out before it is judged: the reach of a pair that differs."""
        pair = self.check
        return pair.reach if pair is not None and pair.outcome == "differs" else 0.0

    @property
    def drowned(self) -> bool:
        """Whether the A/A pair is too noisy for an effect of this size: it does not rule out one as large."""
        pair, (value, *_) = self.check, self._ends()
        return pair is not None and pair.outcome == "too noisy" and not abs(value) > pair.reach

    @property
    def verdict(self) -> Verdict:
        """Of the other arm against the baseline."""
        value, low, high = self._ends()
        zone = self._zone()
        if self.withdrawn is not None:
            return "withdrawn"
        if self.method == "counted":
            return "equivalent" if zone.low <= value <= zone.high else self._side(value)
        low, high = low - self.allowance, high + self.allowance
        if not low <= high or self.drowned:
            return "inconclusive"
        if zone.low <= low and high <= zone.high:
            return "equivalent"
        if low > zone.high or high < zone.low:
            return self._side(low)
        return "inconclusive" if low <= 0 <= high else "small"

    @property
    def ahead(self) -> str | None:
        """Return the better arm, by however little; None if neither is, or if that is open."""
        if self.verdict in ("better", "worse"):
            return self.other if self.verdict == "better" else self.baseline
        if self.verdict != "small":
            return None
        _, low, _ = self._ends()
        return self.other if self._side(low) == "better" else self.baseline

    def _side(self, value: float) -> Verdict:
        return "better" if (value < 0) == self.smaller_is_better else "worse"

    @property
    def p(self) -> float:
        """How often chance alone gives as clear a verdict as this; 1 where the verdict says nothing."""
        value, low, high = self._ends()
        if self.method == "counted":
            return 0.0
        if self.verdict not in ("better", "worse", "equivalent"):
            return 1.0
        freedom = self.n - 1 if self.method == "t" else MANY
        end = float(special.stdtrit(freedom, quantile()))
        if self.verdict == "equivalent":
            error = max(high - value, value - low) / end
            p = float(p_within(value, error, freedom, self._zone().widened(-self.allowance)))
        else:
            error = (value - low if value > 0 else high - value) / end
            p = float(p_beyond(value, error, freedom, self._zone().widened(self.allowance)))
        return min(1.0, looks.number() * p)

    @property
    def words(self) -> str:
        """Return the verdict as shown in tables."""
        if self.withdrawn is not None:
            return "withdrawn"
        if not self.known and self.method != "counted":
            many = plural(self.unit)
            return f"the same in all {many}" if self.method == "no variation" else f"too few {many} to tell"
        if self.noise_check:
            return {
                "equivalent": "no difference that matters, as it should be",
                "differs": "differs from itself",
                "too noisy": "too noisy: rules out too little",
                "unknown": "too few to tell",
            }[self.outcome]
        return {
            "better": f"{self.other} is better",
            "worse": f"{self.baseline} is better",
            "small": f"{self.ahead} is better, perhaps by less than {self._least()}",
            "equivalent": f"no difference beyond ±{self._least()}",
            "inconclusive": "inconclusive",
            "withdrawn": "withdrawn",
        }[self.verdict]


@dataclass(frozen=True, slots=True)
class Comparison(_Judged):
    """The ratio of a figure between two arms: the geometric mean over the units of other / baseline."""

    kind: ClassVar[str] = "ratio"

    @property
    def ratio(self) -> float:
        return self.value

    def _ends(self) -> tuple[float, float, float]:
        value, low, high = (log(end) if end > 0 else nan for end in (self.value, self.low, self.high))
        return value, low, high

    def _zone(self) -> Zone:
        return Zone(log(1 - EQUIVALENCE), log(1 + EQUIVALENCE))

    def _least(self) -> str:
        return LEAST


@dataclass(frozen=True, slots=True)
class Difference(_Judged):
    """
    The mean of other - baseline, in the figure's unit: for figures that may be 0, such as failed requests.

    Attributes:
        margin: differences within this distance of 0 are called none; in the figure's unit.
    """

    kind: ClassVar[str] = "difference"

    margin: float = 0.0

    def _ends(self) -> tuple[float, float, float]:
        return self.value, self.low, self.high

    def _zone(self) -> Zone:
        return Zone(-self.margin, self.margin)

    def _least(self) -> str:
        return f"{self.margin:g}"
