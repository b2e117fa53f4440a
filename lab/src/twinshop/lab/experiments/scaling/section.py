"""The section of the report, from the records alone."""

from collections.abc import Sequence

from twinshop.lab.experiments.scaling import plots, tables
from twinshop.lab.experiments.scaling.analysis import NEEDED, claims, comparisons
from twinshop.lab.experiments.scaling.case import ARMS, QUOTA
from twinshop.lab.experiments.scaling.cells import (
    CAPACITY,
    Cell,
    cells,
    curve,
    largest,
    processors,
    with_limit,
)
from twinshop.lab.experiments.scaling.design import LARGEST, NAME
from twinshop.lab.experiments.scaling.growth import laws
from twinshop.lab.experiments.scaling.objective import TAIL, Objective
from twinshop.lab.measurement.invariant_checks import told as told_promises
from twinshop.lab.report.section import Plot, Section
from twinshop.lab.results.figures import invalid
from twinshop.lab.results.trial import Trial

QUESTION = "What capacity does each shape have on the same budget, and does growing only the busy service add more?"


def section(records: Sequence[Trial], skipped: Sequence[str]) -> Section:
    trials = [with_limit(trial) for trial in records]
    found = cells(trials)
    grown = curve(found)
    objective = objective_of(trials)
    ratios = comparisons(trials, found)
    fits = laws(grown)
    made: list[Plot | None] = [plots.ratios(ratios), plots.over_budgets(grown, fits)]
    made += [plots.latencies(cell, objective) for cell in largest(found)]
    shown = [tables.capacities(found), tables.speedups(grown), tables.parameters(fits), tables.busy(found)]
    return Section(
        NAME,
        QUESTION,
        _answer(trials, found, objective),
        claims=claims(trials, found),
        comparisons=ratios,
        plots=[plot for plot in made if plot is not None],
        tables=[table for table in shown if table.rows],
        limits=_limits(found, objective),
        skipped=skipped,
        headline=_headline(found),
        main_effects={
            words: f"{words.removesuffix(': micro / mono')} (more is better)"
            for words, each in ratios
            if each.known and words.endswith(": micro / mono")
        },
    )


def _headline(found: Sequence[Cell]) -> str:
    top = max(largest(found), key=lambda cell: len(cell.arms), default=None)
    mono, micro = (top.median_of(arm, CAPACITY) if top else None for arm in ("mono", "micro"))
    if top is None or mono is None or micro is None:
        return ""
    return (
        f"With {processors(top.cpus)}, the monolith handles {mono:.0f} sessions/s, the microservices {micro:.0f} "
        f"({top.mix} mix)."
    )


def objective_of(trials: Sequence[Trial]) -> Objective:
    """That of the trials; the default where none says."""
    for trial in trials:
        if "objective" in trial.outcome.detail:
            return Objective(**trial.outcome.detail["objective"])
    return Objective()


def _answer(trials: Sequence[Trial], found: Sequence[Cell], objective: Objective) -> str:
    top = max(largest(found), key=lambda cell: len(cell.arms), default=None)
    if top is None or not top.arms:
        if not trials:
            return "Nothing was measured."
        return f"No capacity was found: none of {len(trials)} trials is valid. {trials[0].outcome.void or ''}".strip()
    rates = {arm: top.median_of(arm, CAPACITY) for arm in ARMS}
    told = ", ".join(f"{arm} {rate:.0f}" for arm, rate in rates.items() if rate is not None)
    capacity = (
        f"With {processors(top.cpus)} for the whole shop and the {top.mix} mix, capacity in sessions a "
        f"second ({objective}) was: {told}."
    )
    return " ".join(each for each in (capacity, invalid(trials), told_promises(trials)) if each)


def _limits(found: Sequence[Cell], objective: Objective) -> list[str]:
    most = max((cell.cpus for cell in found), default=0.0)
    enough = TAIL * 100 // (100 - objective.percent)
    quantile = (
        f"The objective applies to p{objective.percent}, which needs {enough:,} requests for {TAIL} of "
        "them to lie beyond it. p99 would need five times as many as p95; it is reported, but rests on "
        "few requests."
    )
    limits = [
        quantile,
        ("A capacity is known to the tolerance of the search. It holds for these mixes, without think time."),
        f"The load generator has one processor, and cannot be trusted to saturate a shop of more than {LARGEST}.",
    ]
    if most < NEEDED:
        limits.append(
            "One-core result: the shop had one processor. Growing a service can only help from two processors "
            "on, where one process cannot use the whole budget."
        )
    if any(cell.limit == QUOTA for cell in found):
        limits.append(
            "A budget below one processor is a quota: it stops every process for the rest of each tenth of a "
            "second, so latencies are worse than on a slower processor. So growth is told within quotas, or within "
            "pinned processors, and not from one to the other."
        )
    if any(cell.runtime == "docker" for cell in found):
        limits.append("The databases, Redis and HAProxy are within the budget; the microservices have two databases.")
    return limits
