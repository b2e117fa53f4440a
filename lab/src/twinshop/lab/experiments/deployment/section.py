"""The part of the report, from the records alone."""

from collections.abc import Sequence

from twinshop.lab.experiments.deployment import groups, plots, tables
from twinshop.lab.experiments.deployment.analysis import claims
from twinshop.lab.experiments.deployment.design import NAME
from twinshop.lab.experiments.deployment.groups import MICRO, MONO, MONO_AGAIN
from twinshop.lab.experiments.deployment.options import ROLLING
from twinshop.lab.measurement.invariant_checks import told as told_promises
from twinshop.lab.report.section import Section
from twinshop.lab.results.figures import invalid, middle
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare, difference
from twinshop.lab.statistics.verdict import Comparison, Difference

QUESTION = "What does it take to deploy a patch, and what do visitors notice?"
LIMITS = (
    (
        "The technical minimum of a deployment: no tests, no registry, no approval. Images are built on "
        "the machine that runs the shop, before the load begins."
    ),
    (
        "Only processes that are rolled out have two replicas, on the same processors: a second replica "
        "starts at the cost of the first."
    ),
    (
        "A rolling deployment waits three seconds for the edge to find each new storefront; a recreated "
        "one does not wait. These waits are subtracted from the deploy time, but not from the time in "
        "which old and new code answered side by side."
    ),
    (
        "A visitor waits 2.5 s for an answer, and the edge holds a request while no process runs: a "
        "shorter gap loses no visitor. Less patience or a slower start would."
    ),
    (
        "A rolling deployment without a lost visitor is evidence only for that number of visitors. A bad "
        "patch that starts and answers wrongly would reach visitors; the bad one here does not start."
    ),
    "New layers are counted before compression.",
    "Compatibility of old and new code is not tested: the changed line has no effect.",
    "Benefits of deploying independently for teams are not included.",
)


def section(records: Sequence[Trial], skipped: Sequence[str]) -> Section:
    trials = [groups.without_own_waits(trial) for trial in records]
    drawn = [plots.lost(trials), *(plots.course(trials, case, at) for at, case in enumerate(groups.cases(trials), 1))]
    shown = [tables.good(trials), tables.bad(trials)]
    return Section(
        NAME,
        QUESTION,
        _answer(trials),
        claims=claims(trials),
        comparisons=_comparisons(trials),
        plots=[plot for plot in drawn if plot is not None],
        tables=[table for table in shown if table.rows],
        limits=LIMITS,
        skipped=skipped,
        headline=_headline(trials),
        main_effects={
            f"{groups.title(case)}: {figure}": f"{name}, {groups.title(case)}"
            for case in groups.cases(trials)
            for figure, name in (("deployed in", "deploy time"), ("new layers", "bytes shipped"))
            if figure == "deployed in" or case[1] != ROLLING  # the same bytes, however they are deployed
        },
    )


def _headline(trials: Sequence[Trial]) -> str:
    for case in groups.cases(trials):
        mono, micro = (middle(trials, arm, "new_bytes", **groups.where(case)) for arm in (MONO, MICRO))
        if mono is not None and micro is not None:
            return (
                f"A one-line patch of {case[0]} ships {mono / 1e3:,.0f} kB as a monolith, {micro / 1e3:,.0f} kB as "
                "microservices."
            )
    return ""


def _comparisons(trials: Sequence[Trial]) -> list[tuple[str, Comparison | Difference]]:
    found: list[tuple[str, Comparison | Difference]] = []
    for case in groups.cases(trials):
        chosen, words = groups.where(case), groups.title(case)
        for other in (MONO_AGAIN, MICRO):
            found.append(
                (
                    f"{words}: deployed in",
                    compare(trials, "deploy_s", MONO, other, smaller_is_better=True, where=chosen),
                )
            )
            found.append(
                (
                    f"{words}: failed sessions",
                    difference(trials, "failed_sessions", MONO, other, smaller_is_better=True, where=chosen),
                )
            )
        found.append(
            (
                f"{words}: new layers",
                compare(trials, "new_bytes", MONO, MICRO, smaller_is_better=True, where=chosen, counted=True),
            )
        )
        found.append(
            (
                f"{words}: failed sessions of the bad patch",
                difference(trials, "bad_failed_sessions", MONO, MICRO, smaller_is_better=True, where=chosen),
            )
        )
    return [(words, each) for words, each in found if each.n]


def _answer(trials: Sequence[Trial]) -> str:
    said = []
    for case in groups.cases(trials):
        parts = []
        for arm in (MONO, MICRO):
            seconds, failed, sessions = (
                middle(trials, arm, figure, **groups.where(case))
                for figure in ("deploy_s", "failed_sessions", "sessions")
            )
            if seconds is not None and failed is not None and sessions is not None:
                parts.append(f"{arm} took {seconds:.1f} s and lost {failed:.0f} of {sessions:.0f} sessions")
        how = "rolled out" if case[1] == ROLLING else "with its processes recreated"
        if parts:
            said.append(f"A patch of {case[0]}, {how}: {', '.join(parts)}.")
    if not said:
        return "Nothing was measured." if not trials else f"None of {len(trials)} trials is valid."
    return " ".join(each for each in (*said, told_promises(trials), invalid(trials)) if each)
