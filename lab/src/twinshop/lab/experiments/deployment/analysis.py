"""Compare the claims about deploying microservices with the measurements."""

from collections.abc import Sequence

from twinshop.lab.experiments.deployment import groups
from twinshop.lab.experiments.deployment.groups import MICRO, MONO, Case
from twinshop.lab.experiments.deployment.options import CROSS_CUTTING, RECREATE, ROLLING
from twinshop.lab.report.section import Claim, Compared, Judgement
from twinshop.lab.results.figures import middle, values
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare, difference
from twinshop.lab.statistics.shares import Share

NO_VISITOR = 0.01
"""Of a hundred visitors one: no deployment can be shown to lose none, only to lose fewer than that."""


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
    text = "Deploying a patch of one component loses fewer visitors in microservices."
    found = difference(trials, "failed_sessions", MONO, MICRO, smaller_is_better=True, where=groups.where(case))
    if not found.n:
        return _not_measured(text)
    mono, micro = (middle(trials, arm, "failed_sessions", **groups.where(case)) for arm in (MONO, MICRO))
    ends = f", 95 %: {found.low:+.0f} to {found.high:+.0f}" if found.low <= found.high else ""
    slow = " and ".join(
        f"{middle(trials, arm, 'slow_requests', **groups.where(case)) or 0:.0f} in {arm}" for arm in (MONO, MICRO)
    )
    evidence = (
        f"With {groups.title(case)}, {mono:.0f} sessions failed in mono and {micro:.0f} in micro "
        f"({found.value:+.0f}{ends}; n = {found.n}). Slow requests: {slow}."
    )
    return Claim(text, _judged(found, "better"), evidence, found.p)


def _fewer_bytes(trials: Sequence[Trial], case: Case) -> Claim:
    text = "A patch of one component ships fewer bytes in microservices."
    found = compare(trials, "new_bytes", MONO, MICRO, smaller_is_better=True, where=groups.where(case), counted=True)
    if not found.n:
        return _not_measured(text)
    mono, micro = (middle(trials, arm, "new_bytes", **groups.where(case)) for arm in (MONO, MICRO))
    evidence = (
        f"One changed line of {case[0]} makes {(micro or 0) / 1e3:,.0f} kB of new layers in micro and "
        f"{(mono or 0) / 1e3:,.0f} kB in mono: {found.ratio:.2f} times (n = {found.n})."
    )
    return Claim(text, _judged(found, "better"), evidence)  # bytes are counted, not estimated


def _cross_cutting(trials: Sequence[Trial], case: Case) -> Claim:
    text = "A change that all components share costs microservices more than the monolith."
    found = compare(trials, "deploy_s", MONO, MICRO, smaller_is_better=True, where=groups.where(case))
    if not found.n:
        return _not_measured(text)
    processes = middle(trials, MICRO, "processes", **groups.where(case)) or 0
    mono, micro = (middle(trials, arm, "failed_sessions", **groups.where(case)) for arm in (MONO, MICRO))
    ends = f" (95 %: {found.low:.2f} to {found.high:.2f})" if found.low <= found.high else ""
    evidence = (
        f"A changed line of the contracts restarts {processes:.0f} processes in micro and takes "
        f"{found.ratio:.2f} times as long to deploy as in mono{ends}, with {micro:.0f} failed sessions "
        f"against {mono:.0f} (n = {found.n})."
    )
    if found.drowned and found.check is not None:
        low, high = found.check.low, found.check.high
        evidence += f" But the monolith against itself gave anything from {low:.2f} to {high:.0f} times."
    return Claim(text, _judged(found, "worse"), evidence, found.p)


def _judged(found: Compared, claimed: str) -> Judgement:
    """What becomes of a claim that says that the microservices are better (or worse)."""
    if found.verdict in ("inconclusive", "small", "withdrawn"):
        return "inconclusive"
    return "holds" if found.verdict == claimed else "does not hold"


def _rolling(trials: Sequence[Trial], text: str, prefix: str) -> Claim:
    cases = [case for case in groups.cases(trials) if case[1] == ROLLING]

    def of(figure: str) -> dict[str, list[float]]:
        return {
            arm: [value for case in cases for value in values(trials, arm, figure, **groups.where(case))]
            for arm in (MONO, MICRO)
        }

    lost, offered = of(f"{prefix}failed_sessions"), of(f"{prefix}sessions")
    if not all(lost.values()):
        return _not_measured(text)
    shares = {arm: Share(round(sum(lost[arm])), round(sum(offered[arm]))) for arm in lost}
    told = ", ".join(
        f"{arm} lost {share.hits} of {share.n} in {len(lost[arm])} deployments (at most {share.high:.1%})"
        for arm, share in shares.items()
    )
    evidence = (
        f"Of the sessions that arrived during the deployments, {told}. None means fewer than 1 in {1 / NO_VISITOR:.0f}."
    )
    if all(share.high <= NO_VISITOR for share in shares.values()):
        return Claim(text, "holds", evidence, max(share.p_below(NO_VISITOR) for share in shares.values()))
    if any(share.low > NO_VISITOR for share in shares.values()):
        p = len(shares) * min(share.p_above(NO_VISITOR) for share in shares.values())
        return Claim(text, "does not hold", evidence, min(1.0, p))
    return Claim(text, "inconclusive", evidence, 1.0)


def _not_measured(text: str) -> Claim:
    return Claim(text, "not measured", "No block measured both shapes.")
