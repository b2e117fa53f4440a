"""What the starts say, from their records alone."""

import statistics
from collections.abc import Mapping, Sequence

from twinshop.lab.experiments.startup.trial import PHASES
from twinshop.lab.report.plots import ecdf, phases
from twinshop.lab.report.section import Claim, Plot, Section, Table
from twinshop.lab.results.trial import Trial
from twinshop.lab.shapes import COMPONENTS
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.verdict import Comparison

MIB = 2**20
KINDS = ("cold", "warm")
COMPARED = {
    "ready_s": "all ready",
    "first_page_s": "first good page",
    "first_order_s": "first completed order",
    "cpu_s": "CPU time until then",
}
WHERE = {"docker": "in containers", "cluster": "on the cluster", "local": "as local processes"}
"""The runtimes, that of the headline first."""
LIMITS = (
    (
        "With so few processors, the processes of the microservices start one after the other. With one "
        "processor for each, the wall-clock time would be that of the slowest. CPU time does not depend "
        "on this."
    ),
    ("All images are on the machine. On a new machine most of a first start is the pull, which is not included."),
    "Probes run every 25 ms (ready) and 50 ms (pages): shorter differences are not visible.",
)


def section(question: str, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
    runtimes = list(dict.fromkeys(str(trial.spec.factors["runtime"]) for trial in trials))
    compared = [each for runtime in runtimes for each in _comparisons(trials, runtime)]
    found = dict(compared)
    claims = [_claim_slow(found, runtimes), _claim_restart(found, runtimes)]
    return Section(
        name="startup",
        question=question,
        answer=_answer(trials, found, runtimes),
        claims=claims,
        comparisons=compared,
        plots=[plot for runtime in runtimes for plot in _plots(trials, runtime)],
        tables=[_medians(trials, runtimes), _restarts(trials, runtimes)],
        limits=LIMITS,
        skipped=skipped,
        headline=_headline(trials, runtimes),
        main_effects={
            words: name
            for runtime in [each for each in WHERE if each in runtimes][:1]
            for words, name in (
                (f"{runtime}, warm: first completed order", f"start to first order, {WHERE[runtime]}"),
                (f"{runtime}: idle memory", f"idle memory, {WHERE[runtime]}"),
            )
        },
    )


def _headline(trials: Sequence[Trial], runtimes: Sequence[str]) -> str:
    for runtime, where in WHERE.items():
        if runtime in runtimes:
            mono, micro = (_median(trials, arm, runtime, "warm_first_order_s") for arm in ("mono", "micro"))
            if mono > 0 and micro > 0:
                return (
                    f"A monolith starts in {mono:.1f} s, the microservices in {micro:.1f} s "
                    f"({where}, to the first order)."
                )
    return ""


def _comparisons(trials: Sequence[Trial], runtime: str) -> list[tuple[str, Comparison]]:
    def of(figure: str, other: str = "micro") -> Comparison:
        return compare(trials, figure, "mono", other, smaller_is_better=True, where={"runtime": runtime})

    rows = [
        (f"{runtime}, {kind}: {words}", of(f"{kind}_{figure}")) for kind in KINDS for figure, words in COMPARED.items()
    ]
    rows += [(f"{runtime}: restart of {each}", of(f"restart_{each}_s")) for each in COMPONENTS]
    rows.append((f"{runtime}: idle memory", of("idle_memory_bytes")))
    if any(trial.spec.arm == "mono again" for trial in trials):
        rows.append((f"{runtime}, warm: first order, mono against itself", of("warm_first_order_s", "mono again")))
    return rows


def _values(trials: Sequence[Trial], arm: str, runtime: str, figure: str) -> list[float]:
    return [
        trial.outcome.figures[figure]
        for trial in trials
        if trial.valid and trial.spec.arm == arm and trial.spec.factors["runtime"] == runtime
    ]


def _median(trials: Sequence[Trial], arm: str, runtime: str, figure: str) -> float:
    values = _values(trials, arm, runtime, figure)
    return statistics.median(values) if values else float("nan")


def _ratio(comparison: Comparison) -> str:
    """With its interval, n, and what the monolith against itself gave where that is no good."""
    interval = f" [{comparison.low:.2f}, {comparison.high:.2f}]" if comparison.known else ""
    check = comparison.check
    noise = (
        f", although the monolith against itself gave {check.ratio:.2f} [{check.low:.2f}, {check.high:.2f}]"
        if check is not None and check.outcome == "differs"
        else ""
    )
    return f"{comparison.ratio:.2f}{interval}, n = {comparison.n}{noise}"


def _answer(trials: Sequence[Trial], found: Mapping[str, Comparison], runtimes: Sequence[str]) -> str:
    parts = []
    for runtime in runtimes:
        mono, micro = (_median(trials, arm, runtime, "warm_first_order_s") for arm in ("mono", "micro"))
        ratio = found[f"{runtime}, warm: first completed order"]
        parts.append(
            f"On the {runtime} runtime a stopped shop takes its first order after {mono:.1f} s as a monolith and "
            f"{micro:.1f} s as microservices (ratio {_ratio(ratio)})."
        )
    return " ".join(parts) or "No start was measured."


def _claim_slow(found: Mapping[str, Comparison], runtimes: Sequence[str]) -> Claim:
    """The monolith is the baseline: the claim holds where the microservices are faster."""
    text = "A monolith starts slowly, because every component must start."
    chosen = [found[f"{runtime}, warm: first completed order"] for runtime in runtimes]
    evidence = "; ".join(
        f"{runtime}: microservices / monolith {_ratio(each)}" for runtime, each in zip(runtimes, chosen, strict=True)
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


def _claim_restart(found: Mapping[str, Comparison], runtimes: Sequence[str]) -> Claim:
    text = "To restart one component, a monolith must restart all of them."
    chosen = {each: found[f"{runtime}: restart of {each}"] for runtime in runtimes[:1] for each in COMPONENTS}
    if not chosen:
        return Claim(text, "not measured", "No restart was measured.")
    evidence = ", ".join(f"{name} {_ratio(each)}" for name, each in chosen.items())
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


def _plots(trials: Sequence[Trial], runtime: str) -> list[Plot]:
    arms = [arm for arm in ("mono", "micro", "mono again") if _values(trials, arm, runtime, "warm_ready_s")]
    starts = {
        arm: [
            start["first_order_s"]
            for trial in trials
            if trial.valid and trial.spec.arm == arm and trial.spec.factors["runtime"] == runtime
            for start in trial.outcome.detail["warm"]
        ]
        for arm in arms
    }
    bars = _phase_bars(trials, runtime)
    plots = [
        Plot(
            f"startup-{runtime}-ecdf",
            f"First completed order after a warm start, {runtime} runtime; each step is one start.",
            lambda: ecdf(starts, x="first completed order, s"),
        ),
    ]
    if bars:
        plots.append(
            Plot(
                f"startup-{runtime}-phases",
                f"Phases of a warm start, by process, {runtime} runtime; medians. The processes start at the same "
                "time, so their bars overlap in time and share the processors.",
                lambda: phases(bars, x="seconds"),
            )
        )
    return plots


def _phase_bars(trials: Sequence[Trial], runtime: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, list[float]]] = {}
    for trial in trials:
        if not trial.valid or trial.spec.arm not in ("mono", "micro") or trial.spec.factors["runtime"] != runtime:
            continue
        for start in trial.outcome.detail["warm"]:
            for part, lengths in start["parts"].items():
                row = found.setdefault(part if part == "mono" else f"micro: {part}", {})
                for phase in PHASES:
                    row.setdefault(phase, []).append(max(0.0, lengths[phase]))
    order = sorted(found, key=lambda row: (row != "mono", row))
    return {row: {phase: statistics.median(values) for phase, values in found[row].items()} for row in order}


def _medians(trials: Sequence[Trial], runtimes: Sequence[str]) -> Table:
    rows = []
    for runtime in runtimes:
        for kind in KINDS:
            for figure, words in COMPARED.items():
                cells = [f"{_median(trials, arm, runtime, f'{kind}_{figure}'):.2f} s" for arm in ("mono", "micro")]
                rows.append((runtime, kind, words, *cells))
        for figure, words in (
            ("idle_memory_bytes", "idle memory"),
            ("idle_memory_with_stores_bytes", "with its stores"),
        ):
            cells = [f"{_median(trials, arm, runtime, figure) / MIB:.0f} MiB" for arm in ("mono", "micro")]
            rows.append((runtime, "warm", words, *cells))
    return Table("startup-medians", "Medians", ("runtime", "start", "", "mono", "micro"), rows)


def _restarts(trials: Sequence[Trial], runtimes: Sequence[str]) -> Table:
    rows = []
    for runtime in runtimes:
        for component in COMPONENTS:
            figure = f"restart_{component}_s"
            cells = [f"{_median(trials, arm, runtime, figure):.2f} s" for arm in ("mono", "micro")]
            rows.append((runtime, component, *cells))
    caption = "Time to restart the process that hosts a component, until it is ready; medians"
    return Table("startup-restarts", caption, ("runtime", "component", "mono", "micro"), rows)
