"""The section of the report about failure isolation, from the records alone."""

from collections.abc import Sequence
from dataclasses import replace

from twinshop.lab.experiments.isolation.analysis import claims, collateral
from twinshop.lab.experiments.isolation.checks import checks, promises
from twinshop.lab.experiments.isolation.groups import GROUPS, MICRO, MONO, chosen
from twinshop.lab.experiments.isolation.lost_sessions import ALL, OTHERS, against_itself, exactly, in_words
from twinshop.lab.experiments.isolation.plots import plots
from twinshop.lab.experiments.isolation.record import cannot_of
from twinshop.lab.experiments.isolation.tables import tables
from twinshop.lab.measurement.fault_trials import cells_of
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.verdict import Comparison, Difference

RECOVERY = f"time until a crashed process serves again: {MICRO} / {MONO}"
INDEPENDENT = (
    "Several faults are injected into one environment, each after the shop has recovered from the one "
    "before. They are less independent than faults in separate environments."
)
FIXED = (
    "These components are not a sample of a larger set. Intervals of shares are those of the sessions "
    "counted (Clopper-Pearson, sessions taken as independent); with several blocks they are at least "
    "as wide as those of the blocks."
)
ALONE = "Each component has one process and no standby: this shows the value of a process boundary, not of replicas."
SAME = (
    "The same bug is injected into both shapes. Whether a team writes fewer bugs in one of them is not measured here."
)


def section(question: str, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
    """All of it; with few records, what they allow to say."""
    cells = cells_of(trials)
    cannot = [f"{cell.name}: {why}" for cell, why in cannot_of(trials).items()]
    return Section(
        "isolation",
        question,
        _answer(trials, cells),
        claims=claims(cells),
        comparisons=_comparisons(cells),
        more_checks=_checks(cells),
        plots=plots(cells),
        tables=[*tables(cells), *checks(trials, cells)],
        limits=_limits(trials),
        skipped=[*skipped, *cannot],
        headline=_headline(cells),
        main_effects={RECOVERY: "crash to recovery of a process"},
    )


def _headline(cells: Sequence[Trial]) -> str:
    lost = {arm: collateral(cells, arm).get("process") for arm in (MONO, MICRO)}
    mono, micro = lost[MONO], lost[MICRO]
    if mono is None or micro is None:
        return ""
    return (
        f"A failed process fails {exactly(mono.share.value)} of unrelated sessions in the monolith, "
        f"{exactly(micro.share.value)} in the microservices."
    )


def _answer(trials: Sequence[Trial], cells: Sequence[Trial]) -> str:
    mono, micro = (collateral(cells, arm) for arm in (MONO, MICRO))
    told = [
        f"{in_words(mono[group.name])} and {in_words(micro[group.name])} when {group.when}"
        for group in GROUPS
        if group.name in mono and group.name in micro
    ]
    if not told:
        void = sum(not cell.valid for cell in cells)
        return f"No valid fault was measured ({void} faults are invalid)." if void else "Nothing was measured."
    lost = "Of the sessions that do not need the failing component, the monolith and the microservices lost"
    return f"{lost} {'; '.join(told)}. {_kept(trials)}".strip()


def _kept(trials: Sequence[Trial]) -> str:
    """Whether anything was lost for good."""
    found = {arm: checked for arm in (MONO, MICRO) if (checked := promises(trials, arm)) is not None}
    broken = {arm: len(checked.violations) for arm, checked in found.items() if checked.violations}
    orders = sum(checked.counted.get("I1", 0) for checked in found.values())
    if not orders:
        return ""
    if not broken:
        return f"Whatever failed, no invariant was violated in {orders:,} checkouts."
    told = ", ".join(f"{arm}: {number}" for arm, number in broken.items())
    return f"Invariants were violated ({told}) in {orders:,} checkouts: see the table."


def _limits(trials: Sequence[Trial]) -> list[str]:
    used = next((trial.outcome.detail["settings"] for trial in trials if "settings" in trial.outcome.detail), None)
    if used is None:
        return [FIXED, INDEPENDENT, ALONE, SAME]
    sessions = used["rate"] * used["fault"]
    resolution = (
        f"Times are known to a second. A share rests on the {sessions:.0f} sessions of {used['fault']:g} s "
        f"at {used['rate']:g} a second; the share of a journey with a tenth of the sessions rests on "
        f"{sessions / 10:.0f}. For longer windows use --set isolation.fault=30."
    )
    patience = (
        f"A visitor gives up after {used['patience']:g} s: a later answer is a failure, an earlier one is "
        "good. Journeys with a p99 above 1 s count as hit."
    )
    tail = "p99 rests on the slowest of a few hundred requests: read p95 with it."
    sick = sum(len(trial.outcome.detail.get("sick", ())) for trial in trials)
    given_up = [f"{sick} times a shop did not recover in time, and was discarded or replaced."] if sick else []
    return [resolution, patience, tail, *given_up, FIXED, INDEPENDENT, ALONE, SAME]


def _comparisons(cells: Sequence[Trial]) -> list[tuple[str, Comparison]]:
    """Ratios only; the shares that were lost may be 0, and their differences are in a table."""
    crashes = [cell for cell in chosen(cells, ["crash-restart"]) if cell.outcome.figures.get("recover_s", 0) > 0]
    again = replace(compare(crashes, "recover_s", MONO, MICRO, smaller_is_better=True), unit="component")
    return [(RECOVERY, again)] if again.n else []


def _checks(cells: Sequence[Trial]) -> list[tuple[str, Difference]]:
    """The monolith against itself, in what the table of groups compares."""
    pairs = [
        (f"share lost of {which}, {group.name}", against_itself(cells, group.faults, which))
        for group in GROUPS
        for which in (ALL, OTHERS)
    ]
    return [(words, pair) for words, pair in pairs if pair.n]
