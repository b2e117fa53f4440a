"""What the costs say about the arms, and about the claim of the lecture."""

from collections.abc import Sequence
from math import isnan

from twinshop.lab.experiments.communication.costs import Price, arms
from twinshop.lab.experiments.communication.counting import COST, NET, NET_WITH_KERNEL, WAYS, ways
from twinshop.lab.experiments.communication.design import AGAIN, BASELINE
from twinshop.lab.experiments.communication.lines import SLOPE, SLOPE_KERNEL
from twinshop.lab.report.section import Claim
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.lateness import on_time
from twinshop.lab.statistics.verdict import Comparison

NAMES = {
    COST: "CPU a request",
    "cpu_ms_per_request": "CPU a request, stores and edge too",
    NET: "CPU a request, net of idle",
    NET_WITH_KERNEL: "CPU a request, net of idle, with the kernel's",
    SLOPE: "CPU a session, slope over rates",
    SLOPE_KERNEL: "CPU a session, slope over rates, with the kernel's",
    "p50_ms": "p50",
    "p95_ms": "p95",
    "p99_ms": "p99",
    "memory_bytes": "memory",
    "sent_bytes_per_request": "bytes sent a request",
}
LATENCIES = ("p50_ms", "p95_ms", "p99_ms")
"""To these the lateness of the generator matters; to CPU time, what others used of the processors."""
MICRO = "micro"


def comparisons(trials: Sequence[Trial]) -> list[tuple[str, Comparison]]:
    """The monolith with itself, the two ends in everything, then what each split costs."""
    rows = [_row(trials, figure, AGAIN) for figure in (COST, NET, "p50_ms", "p95_ms")]
    rows += [_row(trials, figure, MICRO) for figure in NAMES]
    rows += [_row(trials, COST, arm) for arm in arms(trials) if arm not in {BASELINE, AGAIN, MICRO}]
    return [(words, each) for words, each in rows if each.n]


def _row(trials: Sequence[Trial], figure: str, other: str) -> tuple[str, Comparison]:
    # what is not told by a runtime, and what is 0, has no ratio
    known = [trial for trial in trials if trial.outcome.figures.get(figure, 0.0) > 0]
    found = compare(known, figure, BASELINE, other, smaller_is_better=True)
    if figure in LATENCIES:
        found = on_time(found, known)
    return f"{NAMES[figure]}: {other} / {BASELINE}", found


def claim(trials: Sequence[Trial], price: Price | None) -> Claim:
    text = "Microservices pay for their communication: the same request takes more CPU time and more time."
    cpu = ways(trials, MICRO)
    wait = on_time(compare(trials, "p50_ms", BASELINE, MICRO, smaller_is_better=True), trials)
    if not cpu:
        return Claim(text, "not measured", "There are no two valid trials of one block to compare.")
    told = ", ".join(f"{times(each)} ({WAYS[figure]})" for figure, each in cpu.items())
    evidence = (
        f"Compared at the same rate, a good request takes {times(wait)} the median latency when the shop "
        f"is split into five processes. Its CPU time, by what is counted, is {told} (n = {wait.counted})."
        f"{_prices(price)}"
    )
    both = [*cpu.values(), wait]
    verdicts, p = {each.verdict for each in both}, max(each.p for each in both)
    if verdicts & {"inconclusive", "small", "withdrawn"}:
        return Claim(text, "inconclusive", evidence, 1.0)
    if verdicts == {"worse"}:
        return Claim(text, "holds", evidence, p)
    return Claim(text, "in part" if "worse" in verdicts else "does not hold", evidence, p)


def _prices(price: Price | None) -> str:
    if price is None:
        return ""
    call, process = (f"{each.value:.2f} ms{_ends(each.low, each.high)}" for each in (price.call, price.told))
    return f" A call to another process costs {call} of CPU time, and each further process {process} a {price.per}."


def noise(trials: Sequence[Trial]) -> str:
    """What the A/A pair says."""
    found = compare(trials, COST, BASELINE, AGAIN, smaller_is_better=True)
    if not found.n:
        return "The monolith was not compared with itself."
    if found.outcome == "unknown":
        return f"The monolith compared with itself gave {found.ratio:.2f} in {found.counted}: too few to tell."
    said = {
        "equivalent": "no difference that matters, as it should be",
        "differs": "a difference, so no effect of that size can be believed",
        "too noisy": "too noisy to rule out effects of that size",
    }
    return f"The monolith compared with itself gave {times(found)}, {said[found.outcome]}."


def times(found: Comparison) -> str:
    """Such as `1.62 times [1.40, 1.88]`."""
    return f"{found.ratio:.2f} times{_ends(found.low, found.high)}"


def _ends(low: float, high: float) -> str:
    return "" if isnan(low) else f" [{low:.2f}, {high:.2f}]"
