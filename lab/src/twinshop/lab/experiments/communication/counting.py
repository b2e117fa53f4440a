"""What the CPU time of a request is depends on what is counted: so all ways to count it stand side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from twinshop.lab.experiments.communication.design import AGAIN, BASELINE
from twinshop.lab.report.section import Table
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.verdict import Comparison

COST = "app_cpu_ms_per_request"
"""Of the shop's own processes: what the shape changes. Stores and edge have much the same to do in every shape."""
NET, NET_WITH_KERNEL = "net_cpu_ms_per_request", "net_cpu_and_kernel_ms_per_request"
WAYS: Mapping[str, str] = {
    COST: "the shop's own processes",
    "cpu_ms_per_request": "everything, stores and edge too",
    NET: "everything, less what it uses when idle",
    NET_WITH_KERNEL: "the same, with the kernel time charged to no container",
}


def with_net(trial: Trial) -> Trial:
    """
    Return the trial with what requests cost beyond what the shop uses when idle.

    The kernel's work for the network of containers is charged to none of them: it is among what others took from the
    shop's processors (`stolen_ratio`), and stands as a way to count of its own, since others may be in it, too.
    """
    held, idle = trial.outcome.detail.get("held"), trial.outcome.figures.get("idle_cpu_ms_per_s")
    if not held or idle is None or not trial.outcome.figures.get("busy_ratio"):
        return trial
    used, good = 1e3 * sum(held["cpu_seconds"].values()), held["requests"] * (held["good_ratio"] or 0.0)
    net = used - idle * held["seconds"]
    processors = round(used / 1e3 / held["seconds"] / trial.outcome.figures["busy_ratio"])
    if not good or net <= 0:
        return trial
    found = {NET: net / good}
    if held["stolen_ratio"] is not None:
        found[NET_WITH_KERNEL] = (net + 1e3 * held["stolen_ratio"] * held["seconds"] * processors) / good
    return replace(trial, outcome=replace(trial.outcome, figures={**trial.outcome.figures, **found}))


def ways(trials: Sequence[Trial], other: str) -> dict[str, Comparison]:
    """The ratio of an arm to the monolith, by what is counted; those ways that were measured."""
    found = {
        figure: compare(_known(trials, figure), figure, BASELINE, other, smaller_is_better=True) for figure in WAYS
    }
    return {figure: each for figure, each in found.items() if each.n}


def table(trials: Sequence[Trial], other: str) -> Table:
    """Each way to count, with what it gives."""
    rows = []
    for figure, each in ways(trials, other).items():
        itself = ways(trials, AGAIN).get(figure)
        cells = [f"{median(_values(trials, arm, figure)):.2f}" for arm in (BASELINE, other)]
        rows.append([WAYS[figure], *cells, *_written(each), "-" if itself is None else _written(itself)[0]])
    header = ("what is counted", "mono, ms", f"{other}, ms", f"{other} / mono", "n", "mono again / mono")
    caption = "CPU time of a good request, by what is counted: medians, ratios and 95 % intervals."
    return Table("tax-counted", caption, header, rows)


def _written(each: Comparison) -> tuple[str, str]:
    ends = f" [{each.low:.2f}, {each.high:.2f}]" if each.known else ""
    return f"{each.ratio:.2f}{ends}", each.counted


def _known(trials: Sequence[Trial], figure: str) -> list[Trial]:
    """What is not told by a runtime, and what is 0, has no ratio."""
    return [trial for trial in trials if trial.outcome.figures.get(figure, 0.0) > 0]


def _values(trials: Sequence[Trial], arm: str, figure: str) -> list[float]:
    return [trial.outcome.figures[figure] for trial in _known(trials, figure) if trial.valid and trial.spec.arm == arm]
