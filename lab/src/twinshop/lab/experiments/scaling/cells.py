"""The valid trials of `scaling`, sorted into cells: one mix, one budget, the trials of each arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from twinshop.lab.experiments.scaling.case import ARMS, PINNED, QUOTA, Limit, limit_of
from twinshop.lab.results.trial import Trial

CAPACITY = "capacity_sessions_per_s"
PER_GIB = "requests_per_s_per_gib"


@dataclass(frozen=True, slots=True)
class Cell:
    """`limit`: how the budget was given. `arms`: the valid trials of each arm that has any, in the order of `ARMS`."""

    runtime: str
    mix: str
    cpus: float
    limit: Limit
    arms: Mapping[str, Sequence[Trial]]

    @property
    def title(self) -> str:
        return f"{self.mix}, {self.budget}"

    @property
    def budget(self) -> str:
        """In words; a whole number of processors is pinned unless they say that it is a quota."""
        as_usual = (self.limit == PINNED) == float(self.cpus).is_integer()
        return processors(self.cpus) + ("" if as_usual else f" ({self.limit})")

    @property
    def trials(self) -> list[Trial]:
        return [trial for trials in self.arms.values() for trial in trials]

    def median_of(self, arm: str, figure: str) -> float | None:
        """Over the trials; None where none has it."""
        known = values(self.arms.get(arm, ()), figure)
        return median(known) if known else None


def values(trials: Sequence[Trial], figure: str) -> list[float]:
    return [trial.outcome.figures[figure] for trial in trials if figure in trial.outcome.figures]


def processors(cpus: float) -> str:
    return "1 processor" if cpus == 1 else f"{cpus:g} processors"


def cells(trials: Sequence[Trial]) -> list[Cell]:
    """The balanced mix first, small budgets first."""
    keys: dict[tuple[str, str, float, Limit], list[Trial]] = {}
    for trial in trials:
        factors = trial.spec.factors
        key = (str(factors["runtime"]), str(factors["mix"]), float(factors["cpus"]), limit_of(factors))
        keys.setdefault(key, [])
        if trial.valid:
            keys[key].append(trial)
    return [
        Cell(
            *key,
            {arm: own for arm in ARMS if (own := [trial for trial in keys[key] if trial.spec.arm == arm])},
        )
        for key in sorted(keys, key=lambda key: (key[0], key[1] != "balanced", key[1], key[3] == PINNED, key[2]))
    ]


def largest(found: Sequence[Cell]) -> list[Cell]:
    """Those with the largest budget, pinned if any is: where arms are compared."""
    pinned = [cell for cell in found if cell.limit == PINNED] or found
    most = max((cell.cpus for cell in pinned), default=0.0)
    return [cell for cell in pinned if cell.cpus == most]


def with_limit(trial: Trial) -> Trial:
    """Return the trial with the factor `limit`, also if it is of an older run."""
    factors = {**trial.spec.factors, "limit": limit_of(trial.spec.factors)}
    return replace(trial, spec=replace(trial.spec, factors=factors))


def curve(found: Sequence[Cell]) -> list[Cell]:
    """
    Return the budgets of the balanced mix that show growth: those given in one way, the way with the most of them.

    From a quota to pinned processors the way changes too, and what that brings looks like growth.
    """
    balanced = [cell for cell in found if cell.mix == "balanced"]
    ways = [[cell for cell in balanced if cell.limit == limit] for limit in (PINNED, QUOTA)]
    return max(ways, key=len)


def hot_of(trial: Trial) -> str | None:
    """The process that was grown."""
    hot: Any = trial.outcome.detail.get("hot")
    return None if hot is None else str(hot)


def shares(trial: Trial) -> dict[str, float]:
    """Of the CPU time under light load, by part."""
    used: Mapping[str, float] = trial.outcome.detail["warm"]["cpu_seconds"]
    total = sum(used.values())
    return {part: seconds / total for part, seconds in used.items()} if total else {}
