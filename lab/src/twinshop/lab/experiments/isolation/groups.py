"""What the faults have in common, and what each arm lost by them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import isnan
from statistics import median

from twinshop.lab.faults import FAULTS
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import difference
from twinshop.lab.statistics.intervals import Interval, interval
from twinshop.lab.statistics.verdict import Difference

MONO, MICRO = ARMS = ("mono", "micro")
ALONE = "storefront"
"""Every journey needs it: there is nothing beside it that could carry on."""
HOGS = ("leak", "burn", "block", "spin", "crash-loop")
"""Bugs that take what a process has only once: its memory, its event loop, its life."""
MARGIN = 0.05
"""Blast ratios that differ by less are called the same."""


@dataclass(frozen=True, slots=True)
class Group:
    """Faults that act alike; `when` goes on after the word `when`."""

    name: str
    when: str
    faults: tuple[str, ...]


def _striking(what: str, but: Collection[str] = ()) -> tuple[str, ...]:
    return tuple(name for name, fault in FAULTS.items() if fault.strikes == what and fault.lasts and name not in but)


GROUPS = (
    Group("process", "a process was down, hung or cut off", _striking("process")),
    Group("hogs", "a bug hogged its process", HOGS),
    Group("calls", "calls of one component failed or were slow", _striking("code", but=HOGS)),
    Group("stores", "a store was down", _striking("store")),
)
"""`crash-restart` is in none: it is over at once, and its seconds without service say more than a ratio."""
GROUP = {group.name: group for group in GROUPS}


def chosen(cells: Sequence[Trial], faults: Collection[str], *, alone: bool = False) -> list[Trial]:
    """
    The valid cells with one of these faults, as trials to be compared.

    What is resampled is a target in a block: each counts as a block of its own, and several faults in it as one value.
    Those of the store front are left out unless `alone` asks for them.
    """
    found = [
        cell
        for cell in cells
        if cell.valid and cell.spec.factors["fault"] in faults and (alone or cell.spec.factors["target"] != ALONE)
    ]
    units = sorted({(cell.spec.block, str(cell.spec.factors["target"])) for cell in found})
    number = {unit: at for at, unit in enumerate(units)}
    return [
        replace(
            cell,
            spec=replace(cell.spec, block=number[cell.spec.block, str(cell.spec.factors["target"])]),
        )
        for cell in found
    ]


def level(cells: Sequence[Trial], arm: str, figure: str, faults: Collection[str]) -> Interval | None:
    """The mean of a ratio in one arm, each target of each block being one value; None if it was not measured."""
    units: dict[int, list[float]] = {}
    for cell in chosen(cells, faults):
        if cell.spec.arm == arm and figure in cell.outcome.figures:
            units.setdefault(cell.spec.block, []).append(cell.outcome.figures[figure])
    means = [sum(values) / len(values) for values in units.values()]
    if not means:
        return None
    found = interval(means, of="mean")
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))  # shares: there is nothing beyond


def apart(cells: Sequence[Trial], figure: str, faults: Collection[str]) -> Difference:
    """How much more the microservices have of a ratio of which less is better, over pairs."""
    found = difference(chosen(cells, faults), figure, MONO, MICRO, smaller_is_better=True, margin=MARGIN)
    return replace(found, low=max(found.low, -1.0), high=min(found.high, 1.0))


def typical(cells: Sequence[Trial], arm: str, fault: str, target: str, figure: str) -> float | None:
    """The median over the blocks of one cell; None if it was not measured."""
    values = [
        cell.outcome.figures[figure]
        for cell in cells
        if cell.valid
        and (cell.spec.arm, cell.spec.factors["fault"], cell.spec.factors["target"]) == (arm, fault, target)
        and figure in cell.outcome.figures
    ]
    return median(values) if values else None


def kinds(cells: Sequence[Trial]) -> list[tuple[str, str]]:
    """The faults and targets there are, in the order of the catalogue."""
    order = list(FAULTS)
    found = {(str(cell.spec.factors["fault"]), str(cell.spec.factors["target"])) for cell in cells if cell.valid}
    return sorted(found, key=lambda kind: (order.index(kind[0]), kind[1]))


def percent(value: float) -> str:
    return f"{value:.0%}".replace("-0%", "0%")


def in_words(found: Interval | Difference) -> str:
    """Such as `97 % (95 % interval 92 to 100 %, n = 5)`."""
    if isnan(found.low):
        return f"{percent(found.value)} (n = {found.n})"
    return f"{percent(found.value)} ({percent(found.low)} to {percent(found.high)}, n = {found.n})"
