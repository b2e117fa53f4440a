"""The health of components as the storefront meets it: from the calls that it counts in its own metrics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from twinshop.lab.measurement.component_calls import COUNT, SUM, samples

SLOW_SECONDS = 0.5
"""A component whose calls take longer on average is slow: they are loopback calls of some milliseconds."""
FAILING = 0.1
"""From this share of failed calls on, a component is failing."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to one component since the storefront started."""

    number: float = 0.0
    failed: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: "Calls") -> "Calls":
        return Calls(self.number + other.number, self.failed + other.failed, self.seconds + other.seconds)

    def __sub__(self, other: "Calls") -> "Calls":
        return Calls(self.number - other.number, self.failed - other.failed, self.seconds - other.seconds)


def counted(expositions: Iterable[str]) -> dict[str, Calls]:
    """The calls by component, in the metrics of all replicas of the storefront together."""
    found: dict[str, Calls] = {}
    for text in expositions:
        for sample in samples(text):
            number = sample.value if sample.name == COUNT else 0.0
            failed = number if sample.labels.get("outcome") == "failed" else 0.0
            seconds = sample.value if sample.name == SUM else 0.0
            name = sample.labels["component"]
            found[name] = found.get(name, Calls()) + Calls(number, failed, seconds)
    return found


def health(before: Mapping[str, Calls], after: Mapping[str, Calls]) -> dict[str, Literal["ready", "slow", "failing"]]:
    """
    Each component's health by the calls between two looks; a component without calls is not named.

    After a restart of the storefront its counts begin again: nothing is known until the next look.
    """
    found: dict[str, Literal["ready", "slow", "failing"]] = {}
    for name, calls in after.items():
        new = calls - before.get(name, Calls())
        if new.number > 0 and new.failed >= 0:
            failing = new.failed >= FAILING * new.number
            found[name] = "failing" if failing else "slow" if new.seconds > SLOW_SECONDS * new.number else "ready"
    return found
