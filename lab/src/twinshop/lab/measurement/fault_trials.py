"""Faults of the trials of `isolation`, read from their records: other questions are asked of them too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from twinshop.lab.results.trial import Outcome, Trial

DELAYING = frozenset({"hang", "cut", "stall", "burn", "block", "spin"})
"""Faults that keep visitors waiting instead of failing them at once."""


def cells_of(trials: Sequence[Trial]) -> list[Trial]:
    """
    The faults of all trials, each as a trial of its own.

    Its factors are `runtime`, `fault` and `target`, its figures those of the fault, its detail has `marks` and
    `course`; it is invalid if the fault or the whole trial is. Runs before December 2026 did not record when sessions
    ended. Where a fault keeps visitors waiting, the moment at which they could see it is left out there: a failure is
    booked to the second in which its session was due, but the visitor does not know before their patience ends.
    """
    return [
        replace(
            trial,
            id=f"{trial.id}/{cell['fault']}-{cell['target']}",
            spec=replace(
                trial.spec,
                factors={"runtime": trial.spec.factors["runtime"], "fault": cell["fault"], "target": cell["target"]},
            ),
            outcome=Outcome(_known(cell), cell, trial.outcome.void or cell["void"]),
        )
        for trial in trials
        for cell in trial.outcome.detail.get("cells", ())
        if "cannot" not in cell
    ]


def _known(cell: Mapping[str, Any]) -> Mapping[str, float]:
    waiting = ("detect_users_s", "detect_s") if cell["fault"] in DELAYING and "ended" not in cell else ()
    return {name: value for name, value in cell["figures"].items() if name not in waiting}
