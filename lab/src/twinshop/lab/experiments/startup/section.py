"""The part of the report about starts, from their records alone."""

import statistics
from collections.abc import Mapping, Sequence

from twinshop.lab.experiments.startup.analysis import (
    COMPARED,
    KINDS,
    claim_restart,
    claim_slow,
    comparisons,
    components_of,
    median,
    ratio_of,
)
from twinshop.lab.experiments.startup.trial import PHASES
from twinshop.lab.report.plots import ecdf, phases
from twinshop.lab.report.section import Plot, Section, Table
from twinshop.lab.results.figures import values
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.verdict import Comparison

MIB = 2**20
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
    compared = [each for runtime in runtimes for each in comparisons(trials, runtime)]
    found = dict(compared)
    claims = [claim_slow(found, runtimes), claim_restart(found, runtimes, components_of(trials))]
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
            mono, micro = (median(trials, arm, runtime, "warm_first_order_s") for arm in ("mono", "micro"))
            if mono > 0 and micro > 0:
                return (
                    f"A monolith starts in {mono:.1f} s, the microservices in {micro:.1f} s "
                    f"({where}, to the first order)."
                )
    return ""


def _answer(trials: Sequence[Trial], found: Mapping[str, Comparison], runtimes: Sequence[str]) -> str:
    parts = []
    for runtime in runtimes:
        mono, micro = (median(trials, arm, runtime, "warm_first_order_s") for arm in ("mono", "micro"))
        ratio = found[f"{runtime}, warm: first completed order"]
        parts.append(
            f"On the {runtime} runtime a stopped shop takes its first order after {mono:.1f} s as a monolith and "
            f"{micro:.1f} s as microservices (ratio {ratio_of(ratio)})."
        )
    return " ".join(parts) or "No start was measured."


def _plots(trials: Sequence[Trial], runtime: str) -> list[Plot]:
    arms = [arm for arm in ("mono", "micro", "mono again") if values(trials, arm, "warm_ready_s", runtime=runtime)]
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
                cells = [f"{median(trials, arm, runtime, f'{kind}_{figure}'):.2f} s" for arm in ("mono", "micro")]
                rows.append((runtime, kind, words, *cells))
        for figure, words in (
            ("idle_memory_bytes", "idle memory"),
            ("idle_memory_with_stores_bytes", "with its stores"),
        ):
            cells = [f"{median(trials, arm, runtime, figure) / MIB:.0f} MiB" for arm in ("mono", "micro")]
            rows.append((runtime, "warm", words, *cells))
    return Table("startup-medians", "Medians", ("runtime", "start", "", "mono", "micro"), rows)


def _restarts(trials: Sequence[Trial], runtimes: Sequence[str]) -> Table:
    rows = []
    for runtime in runtimes:
        for component in components_of(trials):
            figure = f"restart_{component}_s"
            cells = [f"{median(trials, arm, runtime, figure):.2f} s" for arm in ("mono", "micro")]
            rows.append((runtime, component, *cells))
    caption = "Time to restart the process that hosts a component, until it is ready; medians"
    return Table("startup-restarts", caption, ("runtime", "component", "mono", "micro"), rows)
