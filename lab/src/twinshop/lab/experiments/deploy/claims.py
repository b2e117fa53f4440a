"""What is said about deploying microservices, held against what was measured."""

from collections.abc import Sequence
from typing import Literal

from twinshop.lab.experiments.deploy import groups
from twinshop.lab.experiments.deploy.cases import CROSS_CUTTING, RECREATE, ROLLING
from twinshop.lab.experiments.deploy.groups import MICRO, MONO, Case
from twinshop.lab.report.section import Claim
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare, difference

Judged = Literal["holds", "does not hold", "in part", "inconclusive"]


def claims(trials: Sequence[Trial]) -> list[Claim]:
    ones = [case for case in groups.cases(trials) if case[0] != CROSS_CUTTING]
    recreated = next((case for case in ones if case[1] == RECREATE), ("catalog", RECREATE))
    return [
        _fewer_visitors(trials, recreated),
        _fewer_bytes(trials, recreated),
        _cross_cutting(trials, (CROSS_CUTTING, RECREATE)),
        _rolling(trials, "Rolling out a patch loses no visitor.", ""),
        _rolling(trials, "A patch that does not start reaches no visitor if it is rolled out.", "bad_"),
    ]


def _fewer_visitors(trials: Sequence[Trial], case: Case) -> Claim:
    text = "Bringing out a patch of one component loses fewer visitors in microservices."
    found = difference(trials, "failed_sessions", MONO, MICRO, smaller_is_better=True, where=groups.where(case))
    if not found.n:
        return _not_measured(text)
    mono, micro = (groups.middle(trials, case, arm, "failed_sessions") for arm in (MONO, MICRO))
    ends = f", 95 %: {found.low:+.0f} to {found.high:+.0f}" if found.low <= found.high else ""
    slow = " and ".join(
        f"{groups.middle(trials, case, arm, 'slow_requests') or 0:.0f} in {arm}" for arm in (MONO, MICRO)
    )
    evidence = (
        f"With {groups.title(case)}, {mono:.0f} sessions failed in mono and {micro:.0f} in micro "
        f"({found.value:+.0f}{ends}; n = {found.n}). Slow requests: {slow}."
    )
    return Claim(text, _judged(found.low, found.high, 0.0), evidence)


def _fewer_bytes(trials: Sequence[Trial], case: Case) -> Claim:
    text = "A patch of one component ships fewer bytes in microservices."
    found = compare(trials, "new_bytes", MONO, MICRO, smaller_is_better=True, where=groups.where(case))
    if not found.n:
        return _not_measured(text)
    mono, micro = (groups.middle(trials, case, arm, "new_bytes") for arm in (MONO, MICRO))
    evidence = (
        f"One changed line of {case[0]} makes {(micro or 0) / 1e3:,.0f} kB of new layers in micro and "
        f"{(mono or 0) / 1e3:,.0f} kB in mono: {found.ratio:.2f} times (n = {found.n})."
    )
    verdict: Judged = "holds" if found.ratio < 1 else "does not hold"  # bytes are counted, not estimated
    return Claim(text, verdict, evidence)


def _cross_cutting(trials: Sequence[Trial], case: Case) -> Claim:
    text = "A change that all components share costs microservices more than the monolith."
    found = compare(trials, "deploy_s", MONO, MICRO, smaller_is_better=True, where=groups.where(case))
    if not found.n:
        return _not_measured(text)
    processes = groups.middle(trials, case, MICRO, "processes") or 0
    mono, micro = (groups.middle(trials, case, arm, "failed_sessions") for arm in (MONO, MICRO))
    ends = f" (95 %: {found.low:.2f} to {found.high:.2f})" if found.low <= found.high else ""
    evidence = (
        f"A line of the contracts restarts {processes:.0f} processes in micro and takes {found.ratio:.2f} times as "
        f"long to deploy as in mono{ends}, with {micro:.0f} failed sessions against {mono:.0f} (n = {found.n})."
    )
    return Claim(text, _judged(1 / found.high, 1 / found.low, 1.0), evidence)


def _judged(low: float, high: float, none: float) -> Judged:
    """Whether an interval lies below what means no difference."""
    if not low <= high or low <= none <= high:
        return "inconclusive"
    return "holds" if high < none else "does not hold"


def _rolling(trials: Sequence[Trial], text: str, prefix: str) -> Claim:
    cases = [case for case in groups.cases(trials) if case[1] == ROLLING]

    def of(figure: str) -> dict[str, list[float]]:
        return {
            arm: [value for case in cases for value in groups.values(trials, case, arm, figure)]
            for arm in (MONO, MICRO)
        }

    lost, offered = of(f"{prefix}failed_sessions"), of(f"{prefix}sessions")
    if not all(lost.values()):
        return _not_measured(text)
    clean = sum(not any(values) for values in lost.values())
    verdict: Judged = "holds" if clean == len(lost) else "in part" if clean else "does not hold"
    told = ", ".join(
        f"{arm} lost {sum(values):.0f} of {sum(offered[arm]):.0f} in {len(values)} deployments"
        for arm, values in lost.items()
    )
    return Claim(text, verdict, f"Of the sessions that arrived meanwhile {told}.")


def _not_measured(text: str) -> Claim:
    return Claim(text, "not measured", "There is no block with both shapes.")
