"""The figures of an arm's valid trials."""

from collections.abc import Sequence
from statistics import median

from twinshop.lab.results.trial import Trial


def of(trials: Sequence[Trial], arm: str, **factors: str | float) -> list[Trial]:
    """Return the valid trials of an arm whose factors have these values."""
    return [
        trial
        for trial in trials
        if trial.valid and trial.spec.arm == arm and factors.items() <= trial.spec.factors.items()
    ]


def values(trials: Sequence[Trial], arm: str, figure: str, **factors: str | float) -> list[float]:
    """Return a figure of these trials, of those that have it."""
    found = (trial.outcome.figures.get(figure) for trial in of(trials, arm, **factors))
    return [value for value in found if value is not None]


def middle(trials: Sequence[Trial], arm: str, figure: str, **factors: str | float) -> float | None:
    """Return the median; None if it was not measured."""
    found = values(trials, arm, figure, **factors)
    return median(found) if found else None


def invalid(trials: Sequence[Trial]) -> str:
    """Return a sentence on the trials that do not count; empty if all count."""
    void = sum(not trial.valid for trial in trials)
    return f"Invalid: {void} of {len(trials)} trials." if void else ""
