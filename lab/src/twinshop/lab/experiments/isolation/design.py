"""Which faults are injected where, for how long, and which journeys need the faulted component."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.isolation.windows import Windows
from twinshop.lab.faults import FAULTS, Fault, known
from twinshop.lab.load.needs import NEEDS
from twinshop.lab.measurement.fault_trials import DELAYING
from twinshop.lab.shapes import COMPONENTS

USUAL = (
    *("crash", "crash-restart", "hang", "cut"),
    *("leak", "burn", "block", "latency", "errors", "bug"),
    *("redis-down", "database-down"),
)
"""The faults of a full run. All others of the catalogue can be asked for as well."""
FEW = 4
"""Faults for which an environment of their own would take longer than they do."""
QUICK = ("translate: crash block", "payment: crash")
"""What shows the lecture's claim, and where it stops."""
SMOKE = ("translate: crash",)
LEAK_MIB_PER_SECOND = 400
EXTRA_AFTER_SECONDS: Mapping[str, float] = {
    "crash": 4,
    "crash-loop": 4,
    "leak": 4,
    "cut": 2,
    "redis-down": 4,
    "database-down": 4,
}
"""After these, something has to start or connect again before the shop can be healthy."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault of the catalogue in one component; with `redis-down` and `database-down`, in its store."""

    fault: str
    target: str

    @property
    def name(self) -> str:
        return f"{self.fault} {self.target}"

    @property
    def members(self) -> Mapping[str, JsonValue]:
        """Of a bug, instead of those of the catalogue: whole windows are short, so the leak has to be fast."""
        return {"mib_per_second": LEAK_MIB_PER_SECOND} if self.fault == "leak" else {}

    @property
    def kind(self) -> Fault:
        return FAULTS[self.fault]

    def needing(self) -> frozenset[str]:
        """The journeys that need the target."""
        return frozenset(journey for journey, needs in NEEDS.items() if self.target in needs)

    def windows(self, base: float, fault: float, after: float, patience: float) -> Windows:
        """A fault that is mended at once needs no time after its removal, but the time in which it is mended."""
        if not self.kind.lasts:
            return Windows(base, fault + after - 1, 0, 1)
        hold = patience if self.fault in DELAYING else 0
        return Windows(base, fault, hold, after + EXTRA_AFTER_SECONDS.get(self.fault, 0))


def series(faults: Sequence[str] = USUAL, targets: Sequence[str] = COMPONENTS) -> list[list[Cell]]:
    """
    The cells of each target that can have any of the faults; a target with few shares its series with the next one.

    Raises:
        LabError: there is no such fault or component, or none of these can have any of those.
    """
    if unknown := [target for target in targets if target not in COMPONENTS]:
        raise UsageError(f"unknown component '{unknown[0]}': choose from {', '.join(COMPONENTS)}")
    kinds = [known(name) for name in faults]
    found: list[list[Cell]] = []
    for target in targets:
        cells = [Cell(kind.name, target) for kind in kinds if target in kind.targets]
        if found and len(found[-1]) <= FEW:
            found[-1] += cells
        elif cells:
            found.append(cells)
    if not found:
        raise UsageError(f"{', '.join(targets)} can have none of the faults {', '.join(faults)}.")
    return found


def as_text(cells: Sequence[Cell]) -> str:
    """As a factor of a trial: `translate: crash hang; payment: crash`."""
    targets = dict.fromkeys(cell.target for cell in cells)
    return "; ".join(
        f"{target}: {' '.join(cell.fault for cell in cells if cell.target == target)}" for target in targets
    )


def from_text(text: str | Iterable[str]) -> list[Cell]:
    parts = (part.partition(": ") for part in (text.split("; ") if isinstance(text, str) else text))
    return [Cell(fault, target) for target, _, faults in parts for fault in faults.split()]
