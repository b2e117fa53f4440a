"""The tables of the section."""

from collections.abc import Mapping, Sequence
from statistics import median

from twinshop.lab.experiments.scaling.case import ARMS, GROWN, ONE_EACH
from twinshop.lab.experiments.scaling.cells import CAPACITY, PER_GIB, Cell, hot_of, shares, values
from twinshop.lab.experiments.scaling.growth import growth
from twinshop.lab.report.section import Table
from twinshop.lab.statistics.usl import Usl

MIB = 1 << 20
NOTHING = 1e-4
"""A contention or coherency below is none."""
COLUMNS = (
    ("requests/s", "capacity_requests_per_s", 1.0, ".0f"),
    ("per processor", "requests_per_s_per_processor", 1.0, ".0f"),
    ("per GiB", PER_GIB, 1.0, ".0f"),
    ("memory, MiB", "memory_bytes", MIB, ".0f"),
    ("peak, MiB", "peak_memory_bytes", MIB, ".0f"),
    ("CPU ms a session", "cpu_ms_per_session", 1.0, ".1f"),
    ("requests", "confirmed_requests", 1.0, ".0f"),
    ("p50, ms", "p50_ms", 1.0, ".0f"),
    ("p95, ms", "p95_ms", 1.0, ".0f"),
    ("p99, ms", "p99_ms", 1.0, ".0f"),
)


def capacities(found: Sequence[Cell]) -> Table:
    """One row for each arm of each cell."""
    rows = []
    for cell in found:
        for arm, trials in cell.arms.items():
            rates = values(trials, CAPACITY)
            if not rates:
                continue
            spread = f"{median(rates):.1f}" + (f" ({min(rates):.1f} to {max(rates):.1f})" if len(rates) > 1 else "")
            others = [_cell(cell.median_of(arm, figure), unit, form) for _, figure, unit, form in COLUMNS]
            rows.append([cell.mix, _size(cell), arm, str(len(rates)), spread, *others])
    header = ("mix", "processors", "arm", "n", "sessions/s", *(title for title, *_ in COLUMNS))
    caption = (
        "Capacity, and the state of the shop at it: medians over the blocks, with the lowest and highest in brackets."
    )
    return Table("scaling-capacity", caption, header, rows)


def _size(cell: Cell) -> str:
    return cell.budget.replace(" processors", "").replace(" processor", "")


def _cell(value: float | None, unit: float, form: str) -> str:
    return "-" if value is None else format(value / unit, form)


def speedups(curve: Sequence[Cell]) -> Table:
    """What more processors brought each arm."""
    rows = [
        [
            arm,
            f"{each.cpus:g}",
            f"{each.times:g}",
            f"{each.speedup:.2f}",
            "-" if not each.low <= each.high else f"{each.low:.2f} to {each.high:.2f}",
            f"{each.efficiency:.0%}",
            str(each.n),
        ]
        for arm in ARMS
        for each in growth(curve, arm)
    ]
    header = ("arm", "processors", "times the smallest", "speed-up", "95 % interval", "efficiency", "n")
    return Table("scaling-speedup", "Capacity relative to the smallest budget, balanced mix.", header, rows)


def parameters(laws: Mapping[str, Usl]) -> Table:
    """The parameters of the USL, or why they are not known."""
    rows = []
    for arm, law in laws.items():
        fitted = [
            _parameter(value, ends) for value, ends in ((law.g, law.g_ends), (law.a, law.a_ends), (law.b, law.b_ends))
        ]
        top = "not identified" if law.not_identified else _parameter(law.peak, law.peak_ends)
        said = ". ".join(each for each in (law.not_identified, law.warning) if each)
        rows.append([arm, *fitted, top, str(law.sizes), said or "-"])
    header = ("arm", "g, sessions/s", "a, contention", "b, coherency", "peak N", "sizes", "what to know")
    caption = (
        "The Universal Scalability Law, X(N) = gN / (1 + a(N-1) + bN(N-1)), N in smallest budgets, with 95 % intervals."
    )
    return Table("scaling-usl", caption, header, rows)


def _parameter(value: float, ends: tuple[float, float]) -> str:
    if value != value:  # noqa: PLR0124 - NaN
        return "-"
    return _number(value) + (f" [{_number(ends[0])}, {_number(ends[1])}]" if ends[0] < ends[1] else "")


def _number(value: float) -> str:
    return "0" if abs(value) < NOTHING else f"{value:.3g}"


def busy(found: Sequence[Cell]) -> Table:
    """Where the CPU time of the microservices goes, and which of them was grown."""
    rows = []
    for mix in dict.fromkeys(cell.mix for cell in found):
        own = [cell for cell in found if cell.mix == mix]
        trials = [trial for cell in own for trial in cell.arms.get(ONE_EACH, ())]
        if not trials:
            continue
        parts: dict[str, list[float]] = {}
        for trial in trials:
            for part, share in shares(trial).items():
                parts.setdefault(part, []).append(share)
        ranked = sorted(((median(each), part) for part, each in parts.items()), reverse=True)
        grown = sorted({hot for cell in own for trial in cell.arms.get(GROWN, ()) if (hot := hot_of(trial))})
        rows.append([mix, ", ".join(f"{part} {share:.0%}" for share, part in ranked), ", ".join(grown) or "-"])
    header = ("mix", "share of the CPU time, one process each", "grown")
    return Table("scaling-busy", "CPU time of each part under light load, by mix.", header, rows)
