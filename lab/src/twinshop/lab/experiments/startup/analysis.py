"""What the starts say: figures, comparisons and claims, from their records alone."""

import re
from collections.abc import Mapping, Sequence
from math import nan

from twinshop.lab.report.section import Claim
from twinshop.lab.results.figures import middle
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.verdict import Comparison

KINDS = ("cold", "warm")
COMPARED = {
    "ready_s": "all ready",
    "first_page_s": "first good page",
    "first_order_s": "first completed order",
    "cpu_s": "CPU time until then",
}


def components_of(trials: Sequence[Trial]) -> list[str]:
    """Return the components whose restart was measured: those of the shop as it was then."""
    restarts = (re.fullmatch(r"restart_(\w+)_s", figure) for trial in trials for figure in trial.outcome.figures)
    return list(dict.fromkeys(restart[1] for restart in restarts if restart))


def comparisons(trials: Sequence[Trial], runtime: str) -> list[tuple[str, Comparison]]:
    def of(figure: str, other: str = "micro") -> Comparison:
        return compare(trials, figure, "mono", other, smaller_is_better=True, where={"runtime": runtime})

    rows = [
        (f"{runtime}, {kind}: {words}", of(f"{kind}_{figure}")) for kind in KINDS for figure, words in COMPARED.items()
    ]
    rows += [(f"{runtime}: restart of {each}", of(f"restart_{each}_s")) for each in components_of(trials)]
    rows.append((f"{runtime}: idle memory", of("idle_memory_bytes")))
    if any(trial.spec.arm == "mono again" for trial in trials):
        rows.append((f"{runtime}, warm: first order, mono against itself", of("warm_first_order_s", "mono again")))
    return rows


def median(trials: Sequence[Trial], arm: str, runtime: str, figure: str) -> float:
    found = middle(trials, arm, figure, runtime=runtime)
    return nan if found is None else found


def ratio_of(comparison: Comparison) -> str:
    """Return it with its interval and n, and with the A/A ratio of the monolith if that differs from 1."""
    interval = f" [{comparison.low:.2f}, {comparison.high:.2f}]" if comparison.known else ""
    check = comparison.check
    noise = (
        f", although the monolith against itself gave {check.ratio:.2f} [{check.low:.2f}, {check.high:.2f}]"
        if check is not None and check.outcome == "differs"
        else ""
    )
    return f"{comparison.ratio:.2f}{interval}, n = {comparison.n}{noise}"


def claim_slow(found: Mapping[str, Comparison], runtimes: Sequence[str]) -> Claim:
    """The monolith is the baseline: the claim holds where the microservices are faster."""
    text = "A monolith starts slowly, because every component must start."
    chosen = [found[f"{runtime}, warm: first completed order"] for runtime in runtimes]
    evidence = "; ".join(
        f"{runtime}: microservices / monolith {ratio_of(each)}" for runtime, each in zip(runtimes, chosen, strict=True)
    )
    if not chosen:
        return Claim(text, "not measured", "No start was measured.")
    told = f"Time to the first order of the whole shop, warm. {evidence}."
    verdicts = {each.verdict for each in chosen}
    if verdicts & {"inconclusive", "small", "withdrawn"}:
        return Claim(text, "inconclusive", told, 1.0)
    p = max(each.p for each in chosen)
    if verdicts == {"better"}:
        return Claim(text, "holds", told, p)
    return Claim(text, "in part" if "better" in verdicts else "does not hold", told, p)


def claim_restart(found: Mapping[str, Comparison], runtimes: Sequence[str], components: Sequence[str]) -> Claim:
    text = "To restart one component, a monolith must restart all of them."
    chosen = {each: found[f"{runtime}: restart of {each}"] for runtime in runtimes[:1] for each in components}
    if not chosen:
        return Claim(text, "not measured", "No restart was measured.")
    evidence = ", ".join(f"{name} {ratio_of(each)}" for name, each in chosen.items())
    told = f"Time until the component is back, microservices / monolith, {runtimes[0]}: {evidence}."
    each = list(chosen.values())
    better = [one for one in each if one.verdict == "better"]
    if len(better) == len(each):
        return Claim(text, "holds", told, max(one.p for one in each))
    if better:
        return Claim(text, "in part", told, min(1.0, len(each) * min(one.p for one in better)))
    if all(one.verdict in ("worse", "equivalent") for one in each):
        return Claim(text, "does not hold", told, max(one.p for one in each))
    return Claim(text, "inconclusive", told, 1.0)
