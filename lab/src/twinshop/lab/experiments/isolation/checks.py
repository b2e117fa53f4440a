"""The tables that check: the model against the measurement, the invariants, and what does not count."""

from collections.abc import Sequence

from twinshop.lab.experiments.isolation.groups import ARMS, kinds, percent
from twinshop.lab.experiments.isolation.tables import NOT_MEASURED
from twinshop.lab.invariants import INVARIANTS, Checked
from twinshop.lab.invariants.verdict import together
from twinshop.lab.load.api import BALANCED
from twinshop.lab.measurement.blast_radius import lost
from twinshop.lab.measurement.splits import split_named
from twinshop.lab.report.section import Table
from twinshop.lab.results.figures import middle
from twinshop.lab.results.trial import Trial
from twinshop.lab.shapes import COMPONENTS


def checks(trials: Sequence[Trial], cells: Sequence[Trial]) -> list[Table]:
    """Those that have rows; `trials` as they were run, `cells` the faults of them."""
    return [table for table in (_model(cells), _invariants(trials), _void(cells)) if table.rows]


def promises(trials: Sequence[Trial], arm: str) -> Checked | None:
    """What was found of the invariants in all trials of an arm, the void ones too; None without any."""
    found = [
        Checked.from_json(trial.outcome.detail["invariants"])
        for trial in trials
        if trial.spec.arm == arm and "invariants" in trial.outcome.detail
    ]
    return together(found) if found else None


def _model(cells: Sequence[Trial]) -> Table:
    rows = []
    crashed = {target for fault, target in kinds(cells) if fault == "crash"}
    for component in sorted(crashed, key=lambda name: (_place(name), name)):
        for arm in ARMS:
            measured = middle(cells, arm, "blast_ratio", fault="crash", target=component)
            if measured is not None:
                rows.append([component, arm, _predicted(arm, component), percent(measured)])
    return Table(
        "isolation-model",
        (
            "Sessions lost while the process of a component is down: predicted from the needs of the "
            "journeys, and measured."
        ),
        ("component", "shape", "predicted", "measured"),
        rows,
    )


def _place(component: str) -> int:
    return COMPONENTS.index(component) if component in COMPONENTS else len(COMPONENTS)


def _predicted(arm: str, component: str) -> str:
    """What needs a component that the shop does not have any more is not known."""
    if component not in COMPONENTS:
        return NOT_MEASURED
    return percent(lost(split_named(arm, COMPONENTS), component, BALANCED))


def _invariants(trials: Sequence[Trial]) -> Table:
    rows = []
    for arm in ARMS:
        checked = promises(trials, arm)
        if checked is None:
            continue
        for name, meaning in INVARIANTS.items():
            n = checked.counted.get(name, 0)
            broken = sum(violation.invariant == name for violation in checked.violations)
            bound = NOT_MEASURED if broken or not n else f"below {3 / n:.2%}"
            rows.append([arm, f"{name} {meaning}", str(n), str(broken) if n else NOT_MEASURED, bound])
    return Table(
        "isolation-invariants",
        "Invariants, checked after each trial by comparing the records of the clients with those of the "
        "shop. No violation in n cases means a rate below 3/n, with 95 % confidence.",
        ("shape", "invariant", "cases", "violations", "rate"),
        rows,
    )


def _void(cells: Sequence[Trial]) -> Table:
    rows = [
        [str(cell.spec.factors["fault"]), str(cell.spec.factors["target"]), cell.spec.arm, cell.outcome.void or ""]
        for cell in cells
        if not cell.valid
    ]
    return Table("isolation-void", "Invalid faults.", ("fault", "component", "shape", "why"), rows)
