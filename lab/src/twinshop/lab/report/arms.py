"""How arms are drawn: each alike wherever it is, and never told by its colour alone."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from twinshop.lab.report.tones import light

OTHERS = ("green", "purple", "ochre", "slate")
MARKERS = ("^", "D", "v", "P")
DASHES = ((5.0, 1.5, 1.0, 1.5), (2.0, 1.0), (7.0, 2.0), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Arm:
    """How an arm is drawn: never by its colour alone."""

    colour: str
    marker: str
    dash: tuple[float, ...] | None
    hollow: bool = False

    @property
    def line(self) -> dict[str, Any]:
        """For `Axes.plot`."""
        return {"color": self.colour, **({"dashes": self.dash} if self.dash else {"linestyle": "-"})}

    @property
    def point(self) -> dict[str, Any]:
        """For `Axes.plot` and `Axes.errorbar`."""
        face = light("ground") if self.hollow else self.colour
        return {"color": self.colour, "marker": self.marker, "markerfacecolor": face, "markeredgecolor": self.colour}


NO_ARM = Arm(light("slate"), "D", None)
"""For what belongs to no arm, or to both."""


def arm(name: str, among: Sequence[str] = ()) -> Arm:
    """
    The look of an arm, the same in every plot.

    `mono` and `micro` have their own; `mono again` looks like `mono`, hollow and dotted; any other name has a look of
    its own, unless that is taken by another of the plot (`among`).
    """
    if name == "mono":
        return Arm(light("mono"), "o", None)
    if name == "micro":
        return Arm(light("micro"), "s", (4.0, 1.6))
    if name.endswith(" again"):
        base = arm(name.removesuffix(" again"), among)
        return Arm(base.colour, base.marker, (1.0, 1.2), hollow=True)
    taken: dict[str, int] = {}
    for each in sorted({*among, name} - {"mono", "micro"}):
        if not each.endswith(" again"):
            taken[each] = _free_slot(each, taken.values())
    slot = taken[name]
    return Arm(light(OTHERS[slot % 4]), MARKERS[slot % 4], DASHES[slot % 4], hollow=slot >= len(OTHERS))


def _free_slot(name: str, taken: Collection[int]) -> int:
    """The first free one after that which the name itself points to."""
    first = hashlib.sha256(name.encode()).digest()[0] % len(OTHERS)
    order = [(first + step) % len(OTHERS) for step in range(len(OTHERS))]
    free = [slot for slot in (*order, *(at + len(OTHERS) for at in order)) if slot not in taken]
    return free[0] if free else first
