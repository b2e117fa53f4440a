"""The tables of the faults."""

from collections.abc import Callable, Mapping, Sequence

from twinshop.lab.experiments.isolation.groups import (
    ARMS,
    GROUPS,
    MICRO,
    MONO,
    kinds,
    percent,
)
from twinshop.lab.experiments.isolation.lost_sessions import ALL, OTHERS, apart, in_words, lost, paired, with_ends
from twinshop.lab.report.section import Table
from twinshop.lab.results.figures import middle
from twinshop.lab.results.trial import Trial

NOT_MEASURED = "\N{EN DASH}"


Column = tuple[str, Callable[[float], str]]
"""A figure, and how its numbers are written."""


def tables(cells: Sequence[Trial]) -> list[Table]:
    """Those of the faults that have rows."""
    return [table for table in (_groups(cells), _losses(cells), _moments(cells)) if table.rows]


def _groups(cells: Sequence[Trial]) -> Table:
    rows = []
    for group in GROUPS:
        for which in (ALL, OTHERS):
            arms = [lost(paired(cells, *ARMS), arm, group.faults, which) for arm in ARMS]
            if any(arm is None for arm in arms):
                continue
            between = apart(cells, group.faults, which)
            told = [in_words(arm) for arm in arms if arm is not None]
            between_told = with_ends(between.value, between.low, between.high)
            faults = f"{group.name}: {', '.join(_met(cells, group.faults))}"
            rows.append([faults, which, between.counted, *told, between_told, between.words])
    return Table(
        "isolation-groups",
        "Share of the sessions that arrived while a fault was active and were lost, with 95 % intervals "
        "of these counts. The storefront, which all journeys need, is left out; n is the number of "
        "components that had the faults.",
        ("faults", "of which sessions", "n", MONO, MICRO, f"{MICRO} \N{MINUS SIGN} {MONO}", "verdict"),
        rows,
    )


def _met(cells: Sequence[Trial], faults: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(fault for fault, _ in kinds(cells) if fault in faults))


def _losses(cells: Sequence[Trial]) -> Table:
    figures = {
        "lost": ("blast_ratio", percent),
        "lost of others": ("collateral_ratio", percent),
        "journeys hit": ("journeys_hit_ratio", percent),
        "failed sessions": ("failed_sessions", _count),
        "lost after removal": ("residual_ratio", percent),
    }
    return Table(
        "isolation-losses",
        "Every fault, medians over the blocks: sessions lost while it was active, those of journeys that "
        "do not need the component, journeys below the service level, failed sessions from its start to "
        "its end, and sessions lost after its removal.",
        _header(figures),
        _rows(cells, figures),
    )


def _moments(cells: Sequence[Trial]) -> Table:
    figures = {
        "users see it": ("detect_users_s", _seconds),
        "health check": ("detect_probe_s", _seconds),
        "recovered": ("recover_s", _seconds),
        "after removal": ("mend_s", _seconds),
        "p99": ("p99_ms", _milliseconds),
        "p95": ("p95_ms", _milliseconds),
        "restarts": ("restarts", _count),
    }
    return Table(
        "isolation-moments",
        "Time from the start of a fault until it was detected and until the shop recovered; latency "
        f"during the fault; restarts by the supervisor. {NOT_MEASURED}: not detected, not recovered while "
        "observed, or unknown because visitors were kept waiting (a failure is booked to the second in "
        "which its session was due).",
        _header(figures),
        _rows(cells, figures),
    )


def _header(figures: Mapping[str, Column]) -> tuple[str, ...]:
    return ("fault", "component", "shape", "n", *figures)


def _rows(cells: Sequence[Trial], figures: Mapping[str, Column]) -> list[list[str]]:
    return [
        [fault, target, arm, str(number), *(_written(cells, arm, fault, target, column) for column in figures.values())]
        for fault, target in kinds(cells)
        for arm in ARMS
        if (number := _n(cells, arm, fault, target))
    ]


def _written(cells: Sequence[Trial], arm: str, fault: str, target: str, column: Column) -> str:
    figure, write = column
    value = middle(cells, arm, figure, fault=fault, target=target)
    return NOT_MEASURED if value is None else write(value)


def _n(cells: Sequence[Trial], arm: str, fault: str, target: str) -> int:
    wanted = (arm, fault, target)
    return sum(
        cell.valid and (cell.spec.arm, cell.spec.factors["fault"], cell.spec.factors["target"]) == wanted
        for cell in cells
    )


def _seconds(value: float) -> str:
    return f"{value:.1f} s"


def _milliseconds(value: float) -> str:
    return f"{value:,.0f} ms"


def _count(value: float) -> str:
    return f"{value:g}"
