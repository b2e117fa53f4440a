"""Sessions lost to faults, as counted shares with exact intervals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import nan

from scipy import special

from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.groups import MICRO, MONO, MONO_AGAIN, chosen
from twinshop.lab.experiments.isolation.windows import Timestamps
from twinshop.lab.measurement.timeline import Course
from twinshop.lab.report.numbers import MINUS
from twinshop.lab.results.trial import Trial
from twinshop.lab.shapes import COMPONENTS
from twinshop.lab.statistics import shares
from twinshop.lab.statistics.intervals import Interval, mean
from twinshop.lab.statistics.shares import Share
from twinshop.lab.statistics.verdict import Difference

CLOSE = 9.95
"""Percent from none or all."""
MARGIN = 0.05
"""Shares that differ by less are called the same."""
ALL, OTHERS = "all", "those that do not need it"
"""Which sessions: every one, or those of journeys that do not need the component."""


@dataclass(frozen=True, slots=True)
class Lost:
    """
    What an arm lost to some faults.

    Attributes:
        share: of the sessions that came in the seconds that count, all faults and components together.
        parts: the same of each component.
        blocks: the same of each block; a run has one unless it was asked for more.
    """

    share: Share
    parts: dict[str, Share]
    blocks: dict[int, Share]

    @property
    def between_blocks(self) -> Interval:
        return mean([each.value for each in self.blocks.values()])

    @property
    def low(self) -> float:
        """The lower end of the wider of two intervals: of the sessions, and of the blocks if there are several."""
        found = self.between_blocks
        return max(0.0, min(self.share.low, found.low)) if found.method == "t" else self.share.low

    @property
    def high(self) -> float:
        """The upper end, as `low`."""
        found = self.between_blocks
        return min(1.0, max(self.share.high, found.high)) if found.method == "t" else self.share.high

    def p_below(self, bound: float) -> float:
        """How often chance alone gives as little where the truth is `bound`."""
        return max(self.share.p_below(bound), self._p_blocks(bound, below=True))

    def p_above(self, bound: float) -> float:
        """How often chance alone gives as much where the truth is `bound`."""
        return max(self.share.p_above(bound), self._p_blocks(bound, below=False))

    def _p_blocks(self, bound: float, *, below: bool) -> float:
        found = self.between_blocks
        if found.method != "t":
            return 0.0
        error = (found.high - found.low) / 2 / float(special.stdtrit(found.n - 1, 0.975))
        t = (bound - found.value if below else found.value - bound) / error
        return min(1.0, 2 * float(special.stdtr(found.n - 1, -t)))


def lost(cells: Sequence[Trial], arm: str, faults: Collection[str], which: str = OTHERS) -> Lost | None:
    """Return what an arm lost to these faults, the storefront's left out; None if that was not measured."""
    known = chosen(cells, faults)
    rounds = _rounds(known)
    found = [(cell, share) for cell in known if cell.spec.arm == arm and (share := _of(cell, which)).n]
    if not found:
        return None
    parts: dict[str, list[Share]] = {}
    blocks: dict[int, list[Share]] = {}
    for cell, share in found:
        parts.setdefault(str(cell.spec.factors["target"]), []).append(share)
        blocks.setdefault(rounds[cell.spec.block], []).append(share)
    return Lost(
        shares.together(share for _, share in found),
        {part: shares.together(each) for part, each in parts.items()},
        {block: shares.together(each) for block, each in blocks.items()},
    )


def paired(cells: Sequence[Trial], *arms: str) -> list[Trial]:
    """Return the cells of these arms whose faults count in all of them, so that all have the same faults."""
    seen: dict[object, set[str]] = {}
    for cell in cells:
        if cell.valid:
            seen.setdefault(_key(cell), set()).add(cell.spec.arm)
    return [cell for cell in cells if cell.spec.arm in arms and seen.get(_key(cell), set()) >= set(arms)]


def _key(cell: Trial) -> object:
    return cell.spec.block, cell.spec.factors["fault"], cell.spec.factors["target"]


def apart(cells: Sequence[Trial], faults: Collection[str], which: str = OTHERS) -> Difference:
    """Return how much more the microservices lost than the monolith, with the A/A pair where there is one."""
    check = _difference(cells, faults, which, MONO_AGAIN)
    return _difference(cells, faults, which, MICRO, check if check.n else None)


def against_itself(cells: Sequence[Trial], faults: Collection[str], which: str = OTHERS) -> Difference:
    """Return how much more the monolith lost than itself."""
    return _difference(cells, faults, which, MONO_AGAIN)


def _difference(
    cells: Sequence[Trial], faults: Collection[str], which: str, other: str, check: Difference | None = None
) -> Difference:
    both = paired(cells, MONO, other)
    one, two = (lost(both, arm, faults, which) for arm in (MONO, other))
    if one is None or two is None:
        return Difference(f"lost of {which}", MONO, other, nan, nan, nan, 0, smaller_is_better=True, method="none")
    value, low, high = shares.apart(one.share, two.share)
    between = mean([two.blocks[at].value - one.blocks[at].value for at in sorted(one.blocks)])
    if between.method == "t":  # the wider of the two
        factor = max(1.0, (between.high - between.low) / (high - low))
        low, high = value - factor * (value - low), value + factor * (high - value)
    return Difference(
        f"lost of {which}",
        MONO,
        other,
        value,
        max(low, -1.0),
        min(high, 1.0),
        len(one.parts.keys() & two.parts.keys()),
        smaller_is_better=True,
        margin=MARGIN,
        method="Clopper-Pearson",
        unit="component",
        check=check,
    )


def _of(cell: Trial, which: str) -> Share:
    """Sessions of one fault that came and that were lost, in the seconds that count."""
    target = str(cell.spec.factors["target"])
    if "course" not in cell.outcome.detail or (which == OTHERS and target not in COMPONENTS):
        return Share(0, 0)  # what needs a component that the shop does not have any more is not known
    course = Course.from_json(cell.outcome.detail["course"])
    needing = Cell(str(cell.spec.factors["fault"]), target).needing()
    journeys = [name for name in course.journeys if which == ALL or name not in needing]
    if not journeys:
        return Share(0, 0)
    own = Course(course.first, {name: course.journeys[name] for name in journeys})
    offered, good = own.counted(Timestamps.from_json(cell.outcome.detail["marks"]).fault_seconds)
    return Share(offered - good, offered)


def _rounds(cells: Sequence[Trial]) -> dict[int, int]:
    """Which repetition of the series of faults the unit (a component in a block) is, from 0, by its number."""
    units: dict[str, list[int]] = {}
    for cell in cells:
        numbers = units.setdefault(str(cell.spec.factors["target"]), [])
        if cell.spec.block not in numbers:
            numbers.append(cell.spec.block)
    return {number: at for numbers in units.values() for at, number in enumerate(sorted(numbers))}


def in_words(found: Lost) -> str:
    """Such as `32 % [29 %, 36 %] of 612 sessions (0 % to 75 % by component)`."""
    each = [part.value for part in found.parts.values()]
    spread = f" ({exactly(min(each))} to {exactly(max(each))} by component)" if max(each) - min(each) > MARGIN else ""
    return f"{with_ends(found.share.value, found.low, found.high)} of {found.share.n:,} sessions{spread}"


def with_ends(value: float, low: float, high: float) -> str:
    """Such as `32 % [29 %, 36 %]`."""
    return f"{exactly(value)} [{exactly(low)}, {exactly(high)}]" if low <= high else exactly(value)


def exactly(value: float) -> str:
    """In percent, with a digit more where the share is close to none or to all without being just that."""
    size = 100 * abs(value)
    close = 0 < size < CLOSE or 100 - CLOSE < size < 100  # noqa: PLR2004
    text = f"{size:.1g}" if 0 < size < 0.1 else f"{size:.{int(close)}f}"  # noqa: PLR2004
    return f"{MINUS if value < 0 and float(text) else ''}{text} %"
