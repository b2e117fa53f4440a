"""The tables of the section."""

from collections.abc import Mapping, Sequence
from statistics import fmean, median

from twinshop.lab.experiments.communication import lines
from twinshop.lab.experiments.communication.costs import CALLS, Price, arms, components_of, split_in
from twinshop.lab.experiments.communication.counting import COST
from twinshop.lab.experiments.communication.design import BASELINE
from twinshop.lab.experiments.communication.frontier import Point
from twinshop.lab.experiments.communication.measured import Crashes
from twinshop.lab.load.plan import JOURNEYS
from twinshop.lab.measurement.blast_radius import blast_radius, lost
from twinshop.lab.report.section import Table
from twinshop.lab.results.figures import middle, values
from twinshop.lab.results.trial import AGAIN, Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.intervals import Interval
from twinshop.lab.statistics.intervals import mean as mean_of

MIB = 1 << 20
COLUMNS = (
    ("processes", "processes", 1.0, ".0f"),
    ("remote calls a session", "remote_calls_per_session", 1.0, ".1f"),
    ("CPU ms a request", COST, 1.0, ".2f"),
    ("with stores and edge", "cpu_ms_per_request", 1.0, ".2f"),
    ("idle CPU, ms/s", "idle_cpu_ms_per_s", 1.0, ".1f"),
    ("memory, MiB", "memory_bytes", MIB, ".0f"),
    ("KiB sent a request", "sent_bytes_per_request", 1024.0, ".1f"),
    ("p50, ms", "p50_ms", 1.0, ".1f"),
    ("p95, ms", "p95_ms", 1.0, ".1f"),
    ("p99, ms", "p99_ms", 1.0, ".1f"),
    ("requests", "requests", 1.0, ".0f"),
)


def costs(trials: Sequence[Trial]) -> Table:
    rows = [
        [arm, str(len(values(trials, arm, COST)))]
        + [_cell(middle(trials, arm, figure), unit, form) for _, figure, unit, form in COLUMNS]
        for arm in arms(trials)
    ]
    caption = "What each split costs at the same rate: medians over the blocks."
    return Table("tax-costs", caption, ("split", "n", *(title for title, *_ in COLUMNS)), rows)


def _cell(value: float | None, unit: float = 1.0, form: str = ".1f") -> str:
    return "-" if value is None else format(value / unit, form)


def thousand_orders(trials: Sequence[Trial]) -> Table:
    """What a thousand orders cost: all that the shop used, by the orders among its sessions."""
    rows = []
    for arm in arms(trials):
        own = [trial for trial in trials if trial.valid and trial.spec.arm == arm and "held" in trial.outcome.detail]
        found = [each for trial in own if (each := _thousand(trial)) is not None]
        if not found:
            continue
        cpu, memory = [each[0] for each in found], [each[1] for each in found]
        known = [each[2] for each in found if each[2] is not None]
        idle = middle(trials, arm, "idle_cpu_ms_per_s")
        joules = f"{median(known):.0f}" if known else "not readable"
        rows.append([arm, str(len(found)), f"{median(cpu):.1f}", f"{median(memory):.0f}", joules, _cell(idle)])
    caption = (
        "What a thousand orders cost at this rate and mix, all journeys and the whole shop included: medians over the "
        "blocks. Joules are those of the whole machine's processors (RAPL)."
    )
    header = ("split", "n", "CPU-seconds", "memory, GiB-seconds", "joules", "idle CPU, ms/s")
    return Table("tax-orders", caption, header, rows)


def _thousand(trial: Trial) -> tuple[float, float, float | None] | None:
    """CPU-seconds, GiB-seconds and joules for a thousand orders; None without any."""
    held = trial.outcome.detail["held"]
    checkout = held.get("journeys", {}).get("checkout", {})
    orders = checkout.get("sessions", 0) * (checkout.get("good_ratio") or 0.0)
    if not orders:
        return None
    memory = sum(trial.outcome.detail["memory_bytes"].values()) / (1 << 30) * held["seconds"]
    used = held.get("joules")
    cpu = sum(held["cpu_seconds"].values())
    return 1e3 * cpu / orders, 1e3 * memory / orders, None if used is None else 1e3 * used / orders


def journeys(trials: Sequence[Trial]) -> Table:
    """The two ends, journey by journey."""
    rows = []
    for journey in JOURNEYS:
        row = [journey]
        for q in ("50", "95"):
            figure = f"{journey}_p{q}_ms"
            found = compare(trials, figure, BASELINE, "micro", smaller_is_better=True)
            ends = f" [{found.low:.2f}, {found.high:.2f}]" if found.low <= found.high else ""
            row += [_cell(middle(trials, arm, figure)) for arm in (BASELINE, "micro")]
            row.append(f"{found.ratio:.2f}{ends}" if found.n else "-")
        rows.append(row)
    known = [row for row in rows if set(row[1:]) != {"-"}]
    header = [
        "journey",
        *(f"{q}, {what}" for q in ("p50", "p95") for what in ("mono, ms", "micro, ms", "micro / mono")),
    ]
    return Table("tax-journeys", "Latency of the requests of each journey.", header, known)


def worth(points: Sequence[Point], best: Sequence[Point]) -> Table:
    """The splits that were measured and those on the frontier: what each costs and buys."""
    shown = [point for point in points if point.measured or point in best]
    rows = [
        [
            point.split.name,
            str(len(point.split.groups)),
            f"{point.cost:.2f}",
            f"{point.low:.2f} to {point.high:.2f}" if point.low <= point.high else "-",
            "measured" if point.measured else "computed",
            f"{point.blast:.0%}",
            "yes" if point in best else "",
        ]
        for point in sorted(shown, key=lambda point: point.cost)
    ]
    header = ("split", "processes", "CPU / mono", "95 % interval", "how", "blast radius", "on the frontier")
    caption = (
        "CPU time of a good request, and the blast radius of a crash, averaged over the components. A "
        "computed cost is that of the remote calls and processes, by the prices below."
    )
    return Table("tax-worth", caption, header, rows)


def crashes(trials: Sequence[Trial], mix: Mapping[str, float], seen: Crashes) -> Table:
    """Which share of the sessions fails when a component takes its process down; `seen`: as it was measured."""
    components = components_of(trials)
    rows = [
        [arm, *(f"{lost(split, component, mix):.0%}" for component in components), f"{blast_radius(split, mix):.0%}"]
        for arm in arms(trials)
        if not arm.endswith(AGAIN) and (split := split_in(trials, arm))
    ]
    rows += [
        [
            f"{arm}, measured",
            *(f"{ratios[component]:.0%}" for component in components),
            f"{fmean(ratios.values()):.0%}",
        ]
        for arm, ratios in seen.items()
    ]
    caption = "The share of the sessions that fails while the process of a component is down, by what journeys need"
    caption += ", and as the isolation experiment of the same run measured it." if seen else "."
    return Table("tax-crashes", caption, ("split", *components, "mean"), rows)


def prices(price: Price | None) -> Table:
    """The two terms of what a split costs."""
    terms = [] if price is None else [("a call to another process", price.call), ("a further process", price.process)]
    rows = [
        [
            what,
            f"{found.value:.2f}",
            f"{found.low:.2f} to {found.high:.2f}" if found.low <= found.high else "-",
            f"{found.n}",
        ]
        for what, found in terms
    ]
    caption = (
        "CPU time per session of the processes of the shop, fitted with two terms in each block: the "
        "price of a remote call, and the price of a process, at the rate of this run."
    )
    return Table("tax-prices", caption, ("for each", "ms a session", "95 % interval", "blocks"), rows)


def lines_of(trials: Sequence[Trial]) -> Table:
    """What each split costs over several rates: for each session, and for each second."""
    rows = []
    for arm in arms(trials):
        for counted, figures in lines.COUNTED.items():
            found = [values(trials, arm, figure) for figure in figures]
            if all(found):
                rows.append([arm, counted, str(len(found[0])), *(_interval(mean_of(each)) for each in found)])
    caption = (
        "CPU time as a line over three rates: the slope is what a session costs, the intercept what the shop uses "
        "with no session at all. Means over the blocks, with 95 % intervals."
    )
    return Table("tax-lines", caption, ("split", "what is counted", "n", "ms a session", "ms a second"), rows)


def prices_over_rates(trials: Sequence[Trial]) -> Table:
    """The prices of a call and of a process from all rates, by what is counted."""
    rows = []
    for counted, kernel in zip(lines.COUNTED, (False, True), strict=True):
        if (found := lines.prices(trials, CALLS, kernel=kernel)) is not None:
            rows.append([counted, _interval(found.call), _interval(found.process), str(found.call.n)])
    caption = (
        "The price of a call to another process, and of a further process whether sessions come or not, fitted in "
        "each block over all splits and rates."
    )
    return Table("tax-two-terms", caption, ("what is counted", "ms a call", "ms/s a process", "blocks"), rows)


def _interval(found: Interval) -> str:
    return f"{found.value:.2f}" + (f" [{found.low:.2f}, {found.high:.2f}]" if found.low <= found.high else "")


def calls(made: Mapping[str, float]) -> Table:
    rows = [[component, f"{number:.2f}"] for component, number in sorted(made.items(), key=lambda each: -each[1])]
    caption = "Calls of the storefront per session of this mix. They use the network unless both share a process."
    return Table("tax-calls", caption, ("component", "calls a session"), rows)
