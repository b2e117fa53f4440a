"""
Work per request as a factor: the more a request computes, the smaller the share of its calls.

Real work, processor time in one component: the bug `burn`, at the same point of the same code in both shapes.
"""

from collections.abc import Sequence
from statistics import median

import numpy as np

from twinshop.lab.experiments.communication.counting import COST
from twinshop.lab.experiments.communication.design import BASELINE, WORK, WORKING
from twinshop.lab.report.section import Table
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.intervals import Interval, mean
from twinshop.lab.statistics.verdict import EQUIVALENCE, Comparison

MICRO = "micro"
SESSION = "app_cpu_ms_per_session"
FEWEST_LEVELS = 2


def work_of(trial: Trial) -> float:
    """Milliseconds of work that were added to each call of the component."""
    return float(trial.spec.factors.get(WORK, 0.0))


def levels(trials: Sequence[Trial]) -> list[float]:
    """Those that were measured, if work was a factor at all."""
    return sorted({work_of(trial) for trial in trials if trial.valid and WORK in trial.spec.factors})


def table(trials: Sequence[Trial]) -> Table:
    """The ratio of the microservices to the monolith by the work of a call."""
    rows = []
    for level in levels(trials):
        own = [trial for trial in trials if trial.valid and trial.spec.factors.get(WORK) == level]
        cpu, wait = (compare(own, figure, BASELINE, MICRO, smaller_is_better=True) for figure in (COST, "p50_ms"))
        if cpu.n:
            used = [
                median(trial.outcome.figures[SESSION] for trial in own if trial.spec.arm == arm)
                for arm in (BASELINE, MICRO)
            ]
            rows.append([f"{level:g}", *(f"{each:.1f}" for each in used), _told(cpu), _told(wait), cpu.counted])
    caption = (
        f"Work as a factor: processor time added to each call of {WORKING}, the same in both shapes. CPU time of the "
        f"shop's own processes. {parity(trials)}"
    ).strip()
    header = (
        "work a call, ms",
        "mono, ms a session",
        "micro, ms a session",
        "CPU, micro / mono",
        "p50, micro / mono",
        "n",
    )
    return Table("tax-work", caption, header, rows)


def parity(trials: Sequence[Trial]) -> str:
    """
    At how much work both shapes are equal to 5 %; empty with fewer than two levels.

    What the calls cost does not depend on the work, and the monolith's CPU time is a line over it: U = base + calls x
    work. The ratio reaches 1.05 where the cost of the calls is 5 % of that line.
    """
    known = [trial for trial in trials if trial.valid and WORK in trial.spec.factors]
    mono = [(work_of(trial), trial.outcome.figures[SESSION]) for trial in known if trial.spec.arm == BASELINE]
    if len({work for work, _ in mono}) < FEWEST_LEVELS:
        return ""
    per_work, base = np.polyfit([work for work, _ in mono], [used for _, used in mono], 1)
    extra = _extra(known)
    if extra is None or per_work <= 0:
        return ""
    at = [max(0.0, (end / EQUIVALENCE - base) / per_work) for end in (extra.value, extra.low, extra.high)]
    ends = f" [{at[1]:.0f}, {at[2]:.0f}]" if extra.low <= extra.high else ""
    return (
        f"At {at[0]:.0f} ms{ends} of work a call, both shapes would differ by {EQUIVALENCE:.0%}, if the line goes on."
    )


def _extra(trials: Sequence[Trial]) -> Interval | None:
    """CPU ms a session of the microservices beyond the monolith's: the mean over all blocks of all levels."""
    blocks: dict[int, dict[str, float]] = {}
    for trial in trials:
        blocks.setdefault(trial.spec.block, {})[trial.spec.arm] = trial.outcome.figures[SESSION]
    found = [arms[MICRO] - arms[BASELINE] for arms in blocks.values() if {MICRO, BASELINE} <= arms.keys()]
    return mean(found) if found else None


def _told(found: Comparison) -> str:
    return f"{found.ratio:.2f}" + (f" [{found.low:.2f}, {found.high:.2f}]" if found.known else "")
