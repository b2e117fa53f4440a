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
    """`groups`: the components of each process, in the order of the registry; the storefront's process comes first."""

    groups: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        out = self.groups[1:]
        if not out:
            return "mono"
        if all(len(group) == 1 for group in self.groups):
            return "micro"
        return ", ".join("+".join(group) for group in out) + OUT

    @property
    def components(self) -> tuple[str, ...]:
        """Those that it divides; a stored run may have others than the shop has today."""
        return tuple(component for group in self.groups for component in group)

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
        return frozenset(self.components) - set(self.groups[0])


def split_of(groups: Sequence[Sequence[str]], components: Sequence[str] = COMPONENTS) -> Split:
    """The split of the components into these groups, whatever their order."""
    ordered = [tuple(sorted(group, key=components.index)) for group in groups]
    return Split(tuple(sorted(ordered, key=lambda group: components.index(group[0]))))


def split_named(name: str, components: Sequence[str]) -> Split:
    """The split of these components that has the name."""
    if name in {"mono", "micro"}:
        return split_of([components] if name == "mono" else [[component] for component in components], components)
    out = [group.split("+") for group in name.removesuffix(OUT).split(", ")]
    front = [component for component in components if not any(component in group for group in out)]
    return split_of([front, *out], components)


def every_split(components: Sequence[str] = COMPONENTS) -> list[Split]:
    """All of them (52 of five components), those with few processes first."""
    splits = (split_of(groups, components) for groups in _partitions(components))
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
