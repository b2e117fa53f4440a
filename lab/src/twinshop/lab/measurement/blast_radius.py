"""
Computed blast radius: the share of the sessions that fails when a component takes its process down.

This is the worst thing a bug in one component can do, and the one against which a process of its own helps.
"""

from collections.abc import Mapping

from twinshop.lab.load.needs import NEEDS
from twinshop.lab.measurement.splits import Split


def lost(split: Split, component: str, mix: Mapping[str, float]) -> float:
    """Return the share of the sessions of a mix that fail when the process that hosts the component is down."""
    down = set(split.together_with(component))
    hit = sum(weight for journey, weight in mix.items() if NEEDS[journey] & down)
    return hit / sum(mix.values())


def blast_radius(split: Split, mix: Mapping[str, float]) -> float:
    """The mean over the components: each is as likely as any other to have the bug."""
    return sum(lost(split, component, mix) for component in split.components) / len(split.components)
