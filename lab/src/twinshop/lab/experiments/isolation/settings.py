"""What can be set (`twinshop run isolation --set isolation.rate=20`), and how much is measured for which effort."""

from collections.abc import Sequence
from dataclasses import dataclass

from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.experiments.isolation import design
from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.options import IsolationOptions
from twinshop.lab.experiments.isolation.windows import Windows
from twinshop.lab.shapes import COMPONENTS

NAME = IsolationOptions.NAME


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Of the whole experiment, the same for both arms.

    Attributes:
        rate: sessions a second, constant: on one core about half of what micro can do, a quarter of what mono can.
        base, fault, after: seconds of the windows.
        patience: seconds that a visitor waits for an answer; one that takes longer is a failure.
        retries: further tries of a call between components whose connection broke.
        share: of the calls that a fault in code affects.
        series: the faults of each trial.
    """

    rate: float
    base: float
    fault: float
    after: float
    patience: float
    retries: int
    share: float
    series: Sequence[Sequence[Cell]]

    def windows(self, cell: Cell) -> Windows:
        return cell.windows(self.base, self.fault, self.after, self.patience)

    def seconds(self, cells: Sequence[Cell]) -> float:
        return sum(self.windows(cell).seconds for cell in cells)


def settings_of(request: Request) -> Settings:
    """Raises UsageError: an option is wrong."""
    options = IsolationOptions.of(request.effort, request.options)
    return Settings(
        **options.model_dump(exclude={"faults", "targets"}),
        series=_series(request.effort, options.faults, options.targets),
    )


def _series(effort: Effort, faults: Sequence[str] | None, targets: Sequence[str] | None) -> Sequence[Sequence[Cell]]:
    if effort != "full" and faults is None and targets is None:
        return [design.from_text(design.SMOKE if effort == "smoke" else design.QUICK)]
    return design.series(faults or design.USUAL, targets or COMPONENTS)
