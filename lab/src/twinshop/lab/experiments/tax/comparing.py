"""What the costs say about the arms, and about the claim of the lecture."""

from collections.abc import Sequence
from math import isnan

from twinshop.lab.experiments.tax.costs import COST, Price, arms
from twinshop.lab.experiments.tax.plan import AGAIN, BASELINE
from twinshop.lab.report.section import Claim
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.verdict import Comparison

NAMES = {
    COST: "CPU a request",
    "cpu_ms_per_request": "CPU a request, stores and edge too",
    "p50_ms": "p50",
    "p95_ms": "p95",
    "p99_ms": "p99",
    "memory_bytes": "memory",
    "sent_bytes_per_request": "bytes sent a request",
}
MICRO = "micro"


def comparisons(trials: Sequence[Trial]) -> list[tuple[str, Comparison]]:
    """The monolith with itself, the two ends in everything, then what each split costs."""
    rows = [_row(trials, figure, AGAIN) for figure in (COST, "p50_ms", "p95_ms")]
    rows += [_row(trials, figure, MICRO) for figure in NAMES]
    rows += [_row(trials, COST, arm) for arm in arms(trials) if arm not in {BASELINE, AGAIN, MICRO}]
    return [(words, each) for words, each in rows if each.n]


def _row(trials: Sequence[Trial], figure: str, other: str) -> tuple[str, Comparison]:
    # what is not told by a runtime, and what is 0, has no ratio
    known = [trial for trial in trials if trial.outcome.figures.get(figure, 0.0) > 0]
    found = compare(known, figure, BASELINE, other, smaller_is_better=True)
    return f"{NAMES[figure]}: {other} / {BASELINE}", found


def claim(trials: Sequence[Trial], price: Price | None) -> Claim:
    text = "Microservices pay for their communication: the same request takes more CPU time and more time."
    cpu, wait = (compare(trials, figure, BASELINE, MICRO, smaller_is_better=True) for figure in (COST, "p50_ms"))
    if not cpu.n:
        return Claim(text, "not measured", "There are no two valid trials of one block to compare.")
    of_a_call = f" A call to another process costs {price.ms.value:.2f} ms of CPU time." if price else ""
    evidence = (
        f"Split into five processes a good request takes {times(cpu)} the CPU time and {times(wait)} the time (median) "
        f"of the monolith's, at the same rate (n = {cpu.n}).{of_a_call}"
    )
    verdicts = {cpu.verdict, wait.verdict}
    if verdicts == {"worse"}:
        return Claim(text, "holds", evidence)
    if "inconclusive" in verdicts:
        return Claim(text, "inconclusive", evidence)
    return Claim(text, "in part" if "worse" in verdicts else "does not hold", evidence)


def noise(trials: Sequence[Trial]) -> str:
    """What the A/A pair says."""
    found = compare(trials, COST, BASELINE, AGAIN, smaller_is_better=True)
    if not found.n:
        return "The monolith was not compared with itself."
    if isnan(found.low):
        return f"The monolith compared with itself gave {found.ratio:.2f}, in one block."
    covers = found.low <= 1 <= found.high
    said = "which covers 1 as it should" if covers else "which does not cover 1: believe no difference of that size"
    return f"The monolith compared with itself gave {times(found)}, {said}."


def times(found: Comparison) -> str:
    """Such as `1.62 times [1.40, 1.88]`."""
    return f"{found.ratio:.2f} times" + ("" if isnan(found.low) else f" [{found.low:.2f}, {found.high:.2f}]")
