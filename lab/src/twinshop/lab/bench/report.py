"""The tables of a run, from its rows alone."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from twinshop.lab.bench.calls import PAIR
from twinshop.lab.statistics.intervals import interval
from twinshop.lab.terminal import table

Row = dict[str, Any]
MIB = 2**20


def _median(rows: Iterable[Row], value: str) -> float:
    return float(statistics.median(row[value] for row in rows))


def _where(rows: Iterable[Row], **wanted: object) -> list[Row]:
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def ratio(rows: Sequence[Row], value: str, **wanted: object) -> float:
    """The median over the blocks of micro's figure divided by mono's of the same block."""
    pairs: dict[int, dict[str, float]] = {}
    for row in _where(rows, **wanted):
        pairs.setdefault(row["repeat"], {})[row["shape"]] = row[value]
    return float(statistics.median(pair["micro"] / pair["mono"] for pair in pairs.values()))


def startup(rows: Sequence[Row]) -> str:
    lines = []
    for runtime, stores in dict.fromkeys((row["runtime"], row["stores"]) for row in rows):
        for value, name in (("first_page", "first good page, s"), ("first_order", "first completed order, s")):
            chosen = _where(rows, runtime=runtime, stores=stores)
            figures = [f"{_median(_where(chosen, shape=shape), value):.2f}" for shape in ("mono", "micro")]
            lines.append((f"{runtime}, {stores} stores: {name}", *figures, f"{ratio(chosen, value):.2f}"))
    repeats = 1 + max(row["repeat"] for row in rows)
    return table(f"Startup (median of {repeats})", ("", "mono", "micro", "micro/mono"), lines)


START_FIGURES = {
    "first_page": ("first good page, s", 1.0),
    "first_order": ("first completed order, s", 1.0),
    "ready": ("all processes ready, s", 1.0),
    "cpu_seconds": ("processor time, s", 1.0),
    "idle_bytes": ("memory, MiB", MIB),
}


def engines(rows: Sequence[Row]) -> str:
    lines = []
    for value, (name, unit) in START_FIGURES.items():
        for engine in dict.fromkeys(row["engine"] for row in rows):
            chosen = _where(rows, engine=engine)
            figures = [f"{_median(_where(chosen, shape=shape), value) / unit:.2f}" for shape in ("mono", "micro")]
            lines.append((f"{name}: {engine}", *figures, f"{ratio(chosen, value):.2f}"))
    repeats = 1 + max(row["repeat"] for row in rows)
    title = f"Warm start by the translator's engine (median of {repeats})"
    return table(title, ("", "mono", "micro", "micro/mono"), lines)


LOAD_FIGURES = {"per_second": "per second", "p50_ms": "p50, ms", "p99_ms": "p99, ms", "cpu_ms": "CPU, ms"}


def throughput(rows: Sequence[Row]) -> str:
    lines = []
    for visit in dict.fromkeys(row["visit"] for row in rows):
        for value, name in LOAD_FIGURES.items():
            figures = [f"{_median(_where(rows, visit=visit, shape=shape), value):.2f}" for shape in ("mono", "micro")]
            lines.append((f"{visit}: {name}", *figures, f"{ratio(rows, value, visit=visit):.2f}"))
    repeats = 1 + max(row["repeat"] for row in rows)
    return table(f"Load on one core, closed loop (median of {repeats})", ("", "mono", "micro", "micro/mono"), lines)


def pages(rows: Sequence[Row]) -> str:
    """CPU time of each page; the bare app renders no checkout."""
    lines = []
    for visit in dict.fromkeys(row["visit"] for row in rows):
        cost = {
            row["shape"]: _median(_where(rows, visit=visit, shape=row["shape"]), "cpu_ms")
            for row in rows
            if row["visit"] == visit
        }
        bare = cost.get("bare")
        shares = [f"{100 * bare / cost[shape]:.0f} %" if bare else "" for shape in ("mono", "micro")]
        figures = [f"{cost[shape]:.2f}" for shape in ("mono", "micro")]
        figures += ["" if bare is None else f"{bare:.2f}", *shares, f"{100 * cost['mono'] / cost['micro']:.0f} %"]
        lines.append((visit, *figures))
    header = ("CPU, ms", "mono", "micro", "bare app", "bare/mono", "bare/micro", "mono/micro")
    return table("CPU time of one page, one after the other", header, lines)


def memory(rows: Sequence[Row]) -> str:
    lines = []
    for shape in ("mono", "micro"):
        names = dict.fromkeys(row["process"] for row in _where(rows, shape=shape))
        sizes = {name: _median(_where(rows, shape=shape, process=name), "bytes") / MIB for name in names}
        lines += [(f"{shape}: {name}", f"{size:.0f}") for name, size in sizes.items()]
        if len(sizes) > 1:
            lines.append((f"{shape}: all", f"{sum(sizes.values()):.0f}"))
    return table("Memory of each process after load (PSS)", ("", "MiB"), lines)


def calls(rows: Sequence[Row]) -> str:
    """CPU time of each side; a ratio is the median of those within each block."""
    lines = []
    for way in dict.fromkeys(row["way"] for row in _where(rows, repeat=0)):
        sides = [_median(_where(rows, way=way), side) for side in ("caller_us", "callee_us")]
        ratios = [
            _both(one) / _both(pair) for one, pair in zip(_where(rows, way=way), _where(rows, way=PAIR), strict=True)
        ]
        lines.append((way, *(f"{value:.0f}" for value in (*sides, sum(sides))), f"{statistics.median(ratios):.2f}"))
    return table("CPU time of one call", ("", "caller, µs", "callee, µs", "both, µs", "x bare pair"), lines)


def _both(row: Row) -> float:
    return float(row["caller_us"] + row["callee_us"])


def keys(rows: Sequence[Row]) -> str:
    ways = dict.fromkeys(row["way"] for row in rows)
    sums = {way: [row["caller_us"] + row["callee_us"] for row in _where(rows, way=way)] for way in ways}
    without, with_key = sums.values()
    paired = interval([one / other for one, other in zip(with_key, without, strict=True)], "mean")
    lines = [
        (way, *(f"{_median(_where(rows, way=way), side):.1f}" for side in ("caller_us", "callee_us"))) for way in ways
    ]
    ratio_of_both = f"{paired.value:.3f} [{paired.low:.3f}, {paired.high:.3f}], n = {paired.n}"
    title = f"CPU time of one call, by side (median); with / without, both sides, paired: {ratio_of_both}"
    return table(title, ("", "caller, µs", "callee, µs"), lines)


def images(rows: Sequence[Row]) -> str:
    lines = [(row["image"], f"{row['bytes'] / 1e6:.0f}", f"{row['added_bytes'] / 1e6:.0f}") for row in rows]
    return table("Images", ("", "MB", "MB on top of the base image"), lines)


def size(rows: Sequence[Row]) -> str:
    """The latency and CPU time of each call at each size, compared with the smallest and with the size before."""
    return "\n\n".join(_sizes(_where(rows, kind=kind, engine=engine)) for kind, engine in _kinds(rows))


def _sizes(rows: Sequence[Row]) -> str:
    kind, engine = rows[0]["kind"], rows[0]["engine"]
    counts = sorted({row["count"] for row in rows})
    lines = []
    for call in dict.fromkeys(row["call"] for row in rows):
        of_call = _where(rows, call=call)
        figures = [
            f"{_median(_where(of_call, count=count), value):.2f}"
            for count in counts
            for value in ("p50_ms", "p95_ms", "cpu_ms")
        ]
        pairs = [(counts[0], counts[-1])] * (len(counts) > 1) + [counts[-2:]] * (len(counts) > 2)  # noqa: PLR2004
        ratios = [
            f"{growth(of_call, value, smaller, larger):.2f}"
            for smaller, larger in pairs
            for value in ("p50_ms", "cpu_ms")
        ]
        lines.append((call, *figures, *ratios))
    names = [f"{count:,}: p50" if value == "p50" else value for count in counts for value in ("p50", "p95", "CPU")]
    if len(counts) > 1:
        names += [f"{counts[-1]:,} / {counts[0]:,}: p50", "CPU"]
    if len(counts) > 2:  # noqa: PLR2004
        names += [f"{counts[-1]:,} / {counts[-2]:,}: p50", "CPU"]
    repeats = 1 + max(row["repeat"] for row in rows)
    return table(f"Calls by the number of {kind}, {engine}: ms (median of {repeats})", ("", *names), lines)


def growth(rows: Sequence[Row], value: str, smaller: int, larger: int) -> float:
    """Return the median over the blocks of the figure at one size divided by that at another of the same block."""
    found: dict[int, dict[int, float]] = {}
    for row in rows:
        found.setdefault(row["repeat"], {})[row["count"]] = row[value]
    return float(statistics.median(of[larger] / of[smaller] for of in found.values() if {smaller, larger} <= of.keys()))


def filled(rows: Sequence[Row]) -> str:
    lines = [
        (f"{row['count']:,} {row['kind']}, {row['engine']}", f"{row['seconds']:.1f}", f"{row['cpu_seconds']:.1f}")
        for row in rows
    ]
    return table("Filling the databases (products: migrating and importing)", ("", "s", "CPU, s"), lines)


def _kinds(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["kind"], row["engine"]) for row in rows))


def time_left(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 - two digits


SECTIONS: dict[str, Callable[[Sequence[Row]], str]] = {
    "startup": startup,
    "engines": engines,
    "throughput": throughput,
    "pages": pages,
    "memory": memory,
    "calls": calls,
    "keys": keys,
    "size": size,
    "filled": filled,
    "images": images,
}


def text(data: Mapping[str, Sequence[Row]]) -> str:
    """All tables for which there are rows."""
    return "\n\n".join(make(data[name]) for name, make in SECTIONS.items() if data.get(name))
