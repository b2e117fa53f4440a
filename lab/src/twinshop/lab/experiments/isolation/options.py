"""What can be set (`lab run isolation --set isolation.rate=20`), and how much is measured for which effort."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.isolation import design
from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.windows import Windows
from twinshop.lab.shapes import COMPONENTS

NAME = "isolation"
NUMBERS: Mapping[str, str] = {"rate": "15", "base": "3", "fault": "5", "after": "3", "patience": "2.5", "retries": "1"}
SMOKE: Mapping[str, str] = {"base": "2", "fault": "3", "after": "3"}
"""Instead of these numbers."""
EFFORTS_OWN = "by effort"
LEAST_BASE_SECONDS, MOST_RETRIES = 2, 3


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Of the whole experiment, the same for both arms.

    Attributes:
        rate: sessions a second, constant: on one core about half of what micro can do, a quarter of what mono can.
        base, fault, after: seconds of the windows.
        patience: seconds that a visitor waits for an answer; one that takes longer is a failure.
        retries: further tries of a call between components whose connection broke.
        series: the faults of each trial.
    """

    rate: float
    base: float
    fault: float
    after: float
    patience: float
    retries: int
    series: Sequence[Sequence[Cell]]

    def windows(self, cell: Cell) -> Windows:
        return cell.windows(self.base, self.fault, self.after, self.patience)

    def seconds(self, cells: Sequence[Cell]) -> float:
        return sum(self.windows(cell).seconds for cell in cells)


def settings_of(request: Request) -> Settings:
    """Raises LabError: an option is wrong."""
    numbers = {**NUMBERS, **(SMOKE if request.effort == "smoke" else {})}
    values = request.options_of(NAME, {**numbers, "faults": EFFORTS_OWN, "targets": EFFORTS_OWN})
    found = {name: _number(name, values[name]) for name in NUMBERS}
    if found["base"] < LEAST_BASE_SECONDS:
        raise UsageError(f"{NAME}.base must be at least {LEAST_BASE_SECONDS}: its last second does not count.")
    if not found["retries"].is_integer() or found["retries"] > MOST_RETRIES:
        raise UsageError(f"{NAME}.retries must be a whole number up to {MOST_RETRIES}.")
    return Settings(
        rate=found["rate"],
        base=found["base"],
        fault=found["fault"],
        after=found["after"],
        patience=found["patience"],
        retries=int(found["retries"]),
        series=_series(request, values["faults"], values["targets"]),
    )


def _series(request: Request, faults: str, targets: str) -> Sequence[Sequence[Cell]]:
    if request.effort != "full" and faults == targets == EFFORTS_OWN:
        return [design.from_text(design.SMOKE if request.effort == "smoke" else design.QUICK)]
    return design.series(
        design.USUAL if faults == EFFORTS_OWN else faults.split(","),
        COMPONENTS if targets == EFFORTS_OWN else targets.split(","),
    )


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not isfinite(value) or value < 0 or (value == 0 and name != "retries"):
        raise UsageError(f"{NAME}.{name} must be a number above 0, not `{text}`.")
    return value
