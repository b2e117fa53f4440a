"""What is kept of the faults of a trial: their figures and courses, as JSON, and how they are read again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from math import ceil, floor
from typing import Any

from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.fault_trial import FaultTrial
from twinshop.lab.experiments.isolation.figures import figures, unsteady
from twinshop.lab.experiments.isolation.settings import Settings
from twinshop.lab.experiments.isolation.trial import FaultSequence
from twinshop.lab.invariants.verdict import together
from twinshop.lab.load.api import LoadResult
from twinshop.lab.measurement.timeline import course_of, ended_of
from twinshop.lab.results.trial import Outcome, Trial


def outcome(sequences: Sequence[FaultSequence], settings: Settings) -> Outcome:
    """Of one trial; its figures have the names `<fault> <target>: <figure>`."""
    cells: list[dict[str, Any]] = []
    for environment, sequence in enumerate(sequences):
        if sequence.load is not None:
            cells += [{"site": environment, **_cell(trial, sequence.load)} for trial in sequence.trials]
        cells += [{"fault": cell.fault, "target": cell.target, "cannot": why} for cell, why in sequence.cannot]
    checked = together(sequence.checked for sequence in sequences)
    found = {
        f"{cell['fault']} {cell['target']}: {name}": value
        for cell in cells
        for name, value in cell.get("figures", {}).items()
    }
    voids = [cell.get("void") for cell in cells if "cannot" not in cell]
    return Outcome(
        {**found, "violations": float(len(checked.violations)), "sites": float(len(sequences))},
        {
            "cells": cells,
            "settings": {name: value for name, value in asdict(settings).items() if name != "series"},
            "invariants": checked.as_json(),
            "sick": [sequence.sick for sequence in sequences if sequence.sick],
            "errors": [dict(sequence.load.errors()) for sequence in sequences if sequence.load is not None],
        },
        void=f"no fault counts: {voids[0]}" if voids and all(voids) else None,
    )


def _cell(trial: FaultTrial, load: LoadResult) -> dict[str, Any]:
    marks, cell = trial.marks, trial.cell
    about = {"fault": cell.fault, "target": cell.target, "evidence": trial.evidence, "marks": asdict(marks)}
    if trial.doubt is not None:
        return {**about, "figures": {"confirmed": 0.0}, "void": trial.doubt}
    course = course_of(load, floor(marks.base), ceil(marks.end))
    latency = partial(_latency, load)
    ended = ended_of(load, course.first, ceil(marks.end))
    found = figures(course, marks, load.plan.mix, cell.needing(), latency, trial.probe_failed, ended)
    counted = {"restarts": float(trial.restarts), "confirmed": float(trial.evidence is not None)}
    if trial.affected is not None:
        counted["affected_calls"] = float(trial.affected)
    return {
        **about,
        "figures": {**found, **counted},
        "void": _void(trial, load) or unsteady(course, marks),
        "course": course.as_json(),
        "ended": {"offered": list(ended.offered), "good": list(ended.good)},
    }


def _latency(load: LoadResult, q: float, seconds: range, journey: str | None) -> float:
    return load.percentile(q, start=seconds.start, end=seconds.stop, journey=journey)


def _void(trial: FaultTrial, load: LoadResult) -> str | None:
    if trial.evidence is None:
        return "nothing showed that the fault was active"
    marks = trial.marks
    for words, seconds in (
        ("before the fault", marks.base_seconds),
        ("during the fault", marks.fault_seconds),
        ("after the fault", marks.after_seconds),
    ):
        if late := load.late(start=seconds.start, end=seconds.stop):
            return f"{words} {late}"
    if load.generator_cpu_ratio > load.plan.max_cpu_ratio:
        return f"the generator used {load.generator_cpu_ratio:.0%} of its processor"
    return None


def cannot_of(trials: Sequence[Trial]) -> Mapping[Cell, str]:
    """The faults that a runtime could not inject, and why."""
    return {
        Cell(cell["fault"], cell["target"]): cell["cannot"]
        for trial in trials
        for cell in trial.outcome.detail.get("cells", ())
        if "cannot" in cell
    }
