"""The rows of a table of comparisons: what is written, and where the small picture of each interval has its marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, log

from twinshop.lab.report.numbers import ratio, signed
from twinshop.lab.statistics.verdict import EQUIVALENCE, Comparison, Difference

LEAST_SPAN = 1.35
"""A picture goes at least from 1 / 1.35 to 1.35, so that small effects look small."""
METHODS = {"BCa": "BCa bootstrap", "t": "Student's t", "order statistics": "order statistics", "none": "no interval"}
OWN_COLOURS = ("mono", "micro")


@dataclass(frozen=True, slots=True)
class Picture:
    """Marks from 0 to 100 along a logarithmic axis; `low` and `high` are None without an interval."""

    one: float
    same_low: float
    same_high: float
    ratio: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison, in words."""

    words: str
    arms: str
    value: str
    interval: str
    n: int
    how: str
    verdict: str
    kind: str
    picture: Picture | None


def rows(comparisons: Sequence[tuple[str, Comparison | Difference]]) -> list[Row]:
    """All pictures have one axis."""
    ends = [log(end) for _, each in comparisons if isinstance(each, Comparison) for end in _ends(each)]
    far = max([log(LEAST_SPAN), *(abs(end) for end in ends)]) * 1.04
    return [_row(words, each, far) for words, each in comparisons]


def _ends(each: Comparison) -> list[float]:
    return [end for end in (each.low, each.ratio, each.high) if not isnan(end)]


def _row(words: str, each: Comparison | Difference, far: float) -> Row:
    picture = None
    if isinstance(each, Comparison):
        arms = f"{each.other} ÷ {each.baseline}"
        write, value = ratio, each.ratio
        if not isnan(value):
            picture = _picture(each, far)
    else:
        arms = f"{each.other} \N{MINUS SIGN} {each.baseline}"
        write, value = signed, each.value
    interval = "" if isnan(each.low) else f"{write(each.low)} to {write(each.high)}"
    better = "less is better" if each.smaller_is_better else "more is better"
    how = f"{better}; {METHODS[each.method]}"
    return Row(words, arms, write(value), interval, each.n, how, each.words, kind(each), picture)


def kind(each: Comparison | Difference) -> str:
    """A CSS class: whom the verdict is for, or that it is for nobody."""
    if each.noise_check:
        return "inconclusive" if isnan(each.low) else "equivalent" if each.covers_none else "noise"
    winner = {"better": each.other, "worse": each.baseline}.get(each.verdict)
    if winner is None:
        return each.verdict
    return f"for-{winner}" if winner in OWN_COLOURS else "for-another"


def _picture(each: Comparison, far: float) -> Picture:
    def at(value: float) -> float:
        return round(50 + 50 * log(value) / far, 2)

    bare = isnan(each.low)
    return Picture(
        50,
        at(1 - EQUIVALENCE),
        at(1 + EQUIVALENCE),
        at(each.ratio),
        None if bare else at(each.low),
        None if bare else at(each.high),
    )
