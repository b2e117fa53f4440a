"""
The ways to split the shop into processes: all 52 partitions of its five components, and the ones measured by default.

A split is named by what has left the storefront's process: `translate out`, `catalog+payment, translate out`. The two
ends have their own names, `mono` (nothing is out) and `micro` (everything is, each alone).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twinshop.lab.shapes import COMPONENTS

FRONT = "storefront"
OUT = " out"
CHOSEN = (
    "mono",
    "translate out",
    "payment, translate out",
    "catalog+cart+payment+translate out",
    "cart, payment, translate out",
    "micro",
)
"""The two ends, the usual first steps away from a monolith, a front and a back, and all out but the busiest."""


@dataclass(frozen=True, slots=True)
class Split:
    """`groups`: the components of each process, in the order of COMPONENTS; the storefront's process comes first."""

    groups: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        out = self.groups[1:]
        if not out:
            return "mono"
        if len(self.groups) == len(COMPONENTS):
            return "micro"
        return ", ".join("+".join(group) for group in out) + OUT

    @property
    def shape(self) -> str:
        """As `twinshop.lab.shapes.parse` reads it."""
        return self.name if self.name in {"mono", "micro"} else ",".join("+".join(group) for group in self.groups)

    def together_with(self, component: str) -> tuple[str, ...]:
        """What shares its process, itself included."""
        return next(group for group in self.groups if component in group)

    @property
    def remote(self) -> frozenset[str]:
        """The components that the storefront calls over the network."""
        return frozenset(COMPONENTS) - set(self.groups[0])


def split_of(groups: Sequence[Sequence[str]]) -> Split:
    """The split with these groups, whatever their order."""
    ordered = [tuple(sorted(group, key=COMPONENTS.index)) for group in groups]
    return Split(tuple(sorted(ordered, key=lambda group: COMPONENTS.index(group[0]))))


def every_split() -> list[Split]:
    """All 52, those with few processes first."""
    splits = (split_of(groups) for groups in _partitions(COMPONENTS))
    return sorted(splits, key=lambda split: (len(split.groups), split.name))


def _partitions(items: Sequence[str]) -> Iterator[list[list[str]]]:
    """Every way to divide the items: the first one joins a group of what the others make, or has one of its own."""
    if not items:
        yield []
        return
    first, *others = items
    for groups in _partitions(others):
        yield [[first], *groups]
        for index, group in enumerate(groups):
            yield [*groups[:index], [first, *group], *groups[index + 1 :]]


BY_NAME = {split.name: split for split in every_split()}
