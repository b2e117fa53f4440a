"""The rows of a table of comparisons: what is written, and where the small picture of each interval has its marks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, isnan, log

from twinshop.lab.report.numbers import ratio, signed
from twinshop.lab.report.section import Compared
from twinshop.lab.statistics.compare import BLOCK
from twinshop.lab.statistics.verdict import EQUIVALENCE, Comparison

LEAST_SPAN, ROOM = 1.35, 2.0
"""Pictures reach at least from 1 / 1.35 to 1.35: small effects look small; and at most to twice the largest ratio."""
METHODS = {
    "t": "Student's t",
    "order statistics": "order statistics",
    "Clopper-Pearson": "Clopper-Pearson",
    "counted": "counted, not estimated",
    "no variation": "no interval, because nothing varied",
    "none": "too few for an interval",
}
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
    """One comparison, in words; `notes`: its arms, what is better, the interval's method, what its A/A pair did."""

    words: str
    notes: tuple[str, ...]
    value: str
    interval: str
    n: str
    verdict: str
    kind: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Rows:
    """All comparisons of a section; what is `common` to all is said once, and not with each."""

    common: tuple[str, ...]
    rows: list[Row]


def table(comparisons: Sequence[tuple[str, Compared]]) -> Rows:
    """Rows whose pictures have one axis."""
    ratios = [each for _, each in comparisons if isinstance(each, Comparison) and not isnan(each.ratio)]
    farthest = max((abs(log(each.ratio)) for each in ratios), default=0.0) + log(ROOM)
    ends = [abs(log(end)) for each in ratios for end in (each.low, each.ratio, each.high) if not isnan(end)]
    far = max(log(LEAST_SPAN), min(farthest, 1.04 * max(ends, default=0.0)))
    rows = [_row(words, each, far) for words, each in comparisons]
    common = tuple(note for note in (rows[0].notes if rows else ()) if all(note in row.notes for row in rows))
    own = [replace(row, notes=tuple(note for note in row.notes if note not in common)) for row in rows]
    return Rows(common, own)


def _row(words: str, each: Compared, far: float) -> Row:
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
    notes: tuple[str, ...] = (
        arms,
        "less is better" if each.smaller_is_better else "more is better",
        METHODS[each.method],
    )
    notes += tuple(note for note in (told_by_check(each), each.withdrawn) if note)
    n = str(each.n) if each.unit == BLOCK else each.counted
    words = words.removesuffix(f": {each.other} / {each.baseline}")  # the notes say it
    return Row(words, notes, write(value), interval, n, each.words, kind(each), picture)


def told_by_check(each: Compared) -> str:
    """How the A/A pair bears on the verdict; empty where it does not, or there is none."""
    if each.noise_check or each.verdict == "withdrawn" or not each.known:
        return ""
    if each.allowance:
        low, high = (end_of(each, side) for side in (-1, 1))
        return f"judged on {low} to {high}, because its A/A pair differs"
    if each.drowned:
        return "its A/A pair is too noisy for an effect of this size"
    return ""


def end_of(each: Compared, side: int) -> str:
    """The lower (-1) or upper (1) end of the interval that is judged."""
    if isinstance(each, Comparison):
        return ratio((each.low if side < 0 else each.high) * exp(side * each.allowance))
    return signed((each.low if side < 0 else each.high) + side * each.allowance)


def kind(each: Compared) -> str:
    """A CSS class: the arm that the verdict favours, if any."""
    if each.noise_check:
        return {"equivalent": "equivalent", "differs": "noise"}.get(each.outcome, "inconclusive")
    winner = {"better": each.other, "worse": each.baseline}.get(each.verdict)
    if winner is None:
        return each.verdict
    return f"for-{winner}" if winner in OWN_COLOURS else "for-another"


def _picture(each: Comparison, far: float) -> Picture:
    def at(value: float) -> float:
        return round(min(100.0, max(0.0, 50 + 50 * log(value) / far)), 2)

    bare = isnan(each.low)
    return Picture(
        50,
        at(1 - EQUIVALENCE),
        at(1 + EQUIVALENCE),
        at(each.ratio),
        None if bare else at(each.low),
        None if bare else at(each.high),
    )
