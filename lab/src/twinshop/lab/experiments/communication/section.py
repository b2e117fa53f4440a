"""The section of the report, from the records alone."""

from collections.abc import Sequence

from twinshop.lab.experiments.communication import costs, counting, lines, plots, steadiness, tables, work
from twinshop.lab.experiments.communication.analysis import MICRO, claim, comparisons, noise, times
from twinshop.lab.experiments.communication.design import BASELINE, NAME
from twinshop.lab.experiments.communication.frontier import Point, frontier
from twinshop.lab.experiments.communication.measured import crashes
from twinshop.lab.load.plan import BALANCED
from twinshop.lab.measurement.invariant_checks import told as told_promises
from twinshop.lab.report.section import Section
from twinshop.lab.results.figures import invalid, middle
from twinshop.lab.results.trial import Trial

QUESTION = "What does splitting the shop cost at the same rate, and which split is worth it?"


def section(records: Sequence[Trial], skipped: Sequence[str]) -> Section:
    """`records` may hold trials of the isolation experiment besides."""
    every = [lines.with_lines(counting.with_net(trial)) for trial in records if trial.spec.experiment == NAME]
    trials = [trial for trial in every if not work.work_of(trial)]
    points = [*costs.measured(trials), *costs.computed(trials)]
    best = frontier(points)
    price = costs.price(trials)
    ratios = comparisons(trials)
    drawn = [plots.trade(points, best), plots.ratios(ratios), plots.of_a_call(price)]
    mix = costs.mix_of(trials)
    shown = [
        tables.worth(points, best),
        counting.table(trials, MICRO),
        tables.prices(price),
        tables.lines_of(trials),
        tables.prices_over_rates(trials),
        tables.costs(trials),
        tables.thousand_orders(trials),
        tables.journeys(trials),
        tables.crashes(
            trials, mix, crashes(records, _runtime(trials), costs.components_of(trials)) if mix == BALANCED else {}
        ),
        tables.calls(costs.calls_per_session(trials)),
        steadiness.table(trials),
        work.table(every),
    ]
    return Section(
        NAME,
        QUESTION,
        _answer(trials, best),
        claims=[claim(trials, price)],
        comparisons=ratios,
        plots=[plot for plot in drawn if plot is not None],
        tables=[table for table in shown if table.rows],
        limits=_limits(trials),
        skipped=skipped,
        headline=_headline(trials),
        main_effects={
            f"CPU a request, net of idle: {MICRO} / {BASELINE}": "CPU time of a request, net of idle",
            f"p50: {MICRO} / {BASELINE}": "median latency",
            f"p95: {MICRO} / {BASELINE}": "95th percentile of the latency",
            f"bytes sent a request: {MICRO} / {BASELINE}": "bytes sent for a request",
        },
    )


def _headline(trials: Sequence[Trial]) -> str:
    found = counting.ways(trials, MICRO).get(counting.NET)
    if found is None:
        return ""
    return f"In the microservices, a request takes {times(found)} the CPU time (net of idle)."


def _runtime(trials: Sequence[Trial]) -> str:
    return str(trials[0].spec.factors["runtime"]) if trials else ""


def _answer(trials: Sequence[Trial], best: Sequence[Point]) -> str:
    found = counting.ways(trials, MICRO)
    if not found:
        if not trials:
            return "Nothing was measured."
        return f"None of {len(trials)} trials can be compared. {trials[0].outcome.void or ''}".strip()
    rate = middle(trials, BASELINE, "rate_sessions_per_s") or 0.0
    told = ", ".join(f"{times(each)} ({counting.WAYS[figure]})" for figure, each in found.items())
    blocks = max(found.values(), key=lambda each: each.n).counted
    cost = f"a good request takes {told} the CPU time in micro, by what is counted (n = {blocks})"
    sentences = [
        f"At {rate:g} sessions a second in all arms, {cost}.",
        _advice(best),
        noise(trials),
        told_promises(trials),
        invalid(trials),
    ]
    return " ".join(each for each in sentences if each)


def _advice(best: Sequence[Point]) -> str:
    """The steps along the frontier that were measured: what each costs, and what is lost all the same."""
    steps = [f"{point.split.name} ({point.cost:.2f}, {point.blast:.0%})" for point in best if point.measured]
    if not steps:
        return ""
    return f"No other split beats these, with cost and blast radius of a crash in brackets: {', '.join(steps)}."


def _limits(trials: Sequence[Trial]) -> list[str]:
    blast = (
        "The blast radius is computed: a crash takes down the process and every journey that needs one of "
        "its components, and every component is equally likely to crash. Benefits for teams are not "
        "included."
    )
    limits = [
        blast,
        ("Costs hold for this mix and this work per request: the more a request computes, the less a call matters."),
        "p99 rests on few requests of a trial: use p95, or longer runs.",
        (
            "The kernel does not attribute all CPU time of container networking. The last way to count "
            "includes it, and with it everything else that ran on the processors of the shop."
        ),
    ]
    if not any(lines.SLOPE in trial.outcome.figures for trial in trials):
        limits.append(
            "Idle usage was measured for a few seconds before the load. Costs as slope and intercept over "
            "several rates were not measured."
        )
    if any(trial.spec.factors.get("runtime") == "local" for trial in trials):
        limits.append(
            "On the local runtime a call goes over loopback, and the databases are SQLite within the process."
        )
    rates = {trial.outcome.figures.get("rate_sessions_per_s") for trial in trials if trial.valid}
    if len(rates) > 1:
        limits.append("Not all trials had the same rate: the run was made in several parts.")
    return limits
