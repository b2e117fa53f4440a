"""What the faults have in common, and what each arm lost by them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from twinshop.lab.faults import FAULTS
from twinshop.lab.results.trial import AGAIN, Trial

MONO, MICRO = ARMS = ("mono", "micro")
MONO_AGAIN = MONO + AGAIN
"""The monolith once more, in full runs: what it loses more or less than `mono` is noise (the A/A pair)."""
ALONE = "storefront"
"""Every journey needs it: there is nothing beside it that could carry on."""


@dataclass(frozen=True, slots=True)
class Group:
    """Faults that act alike; `when` goes on after the word `when`."""

    name: str
    when: str
    faults: tuple[str, ...]


GROUPS = tuple(
    Group(group, when, tuple(name for name, fault in FAULTS.items() if fault.group == group and fault.lasts))
    for group, when in (
        ("process", "a process was down, hung or cut off"),
        ("hogs", "a bug exhausted its process"),
        ("calls", "calls of one component failed or were slow"),
        ("stores", "a store was down"),
    )
)
"""`crash-restart` is in none: it is over at once, and its seconds without service say more than a ratio."""
GROUP = {group.name: group for group in GROUPS}


def chosen(cells: Sequence[Trial], faults: Collection[str]) -> list[Trial]:
    """
    The valid cells with one of these faults, as trials to be compared.

    The unit is a target in a block: each gets the number of a block of its own.
    Those of the storefront are left out.
    """
    found = [
        cell
        for cell in cells
        if cell.valid and cell.spec.factors["fault"] in faults and cell.spec.factors["target"] != ALONE
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


def kinds(cells: Sequence[Trial]) -> list[tuple[str, str]]:
    """The faults and targets there are, in the order of the catalogue; those no longer in it come last."""
    order = {name: at for at, name in enumerate(FAULTS)}
    found = {(str(cell.spec.factors["fault"]), str(cell.spec.factors["target"])) for cell in cells if cell.valid}
    return sorted(found, key=lambda kind: (order.get(kind[0], len(order)), *kind))


def percent(value: float) -> str:
    return f"{value:.0%}".replace("-0%", "0%")
