"""The valid trials of `tax` as points: what each split costs, what calls and processes do, and the other splits."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import fmean

from twinshop.lab.experiments.communication import lines
from twinshop.lab.experiments.communication.counting import COST
from twinshop.lab.experiments.communication.design import AGAIN, BASELINE
from twinshop.lab.experiments.communication.frontier import Point, predicted, prices
from twinshop.lab.load.mixes import MIXES
from twinshop.lab.measurement.blast_radius import blast_radius
from twinshop.lab.measurement.splits import Split, every_split, split_named
from twinshop.lab.results.figures import middle
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.intervals import Interval
from twinshop.lab.statistics.intervals import mean as mean_of

SESSION = "app_cpu_ms_per_session"
CALLS = "remote_calls_per_session"
OF_OLD_RUNS = ("storefront", "catalog", "cart", "payment", "translate")
"""The components of the shop in stored runs of version 0.1, which do not tell them."""


@dataclass(frozen=True, slots=True)
class Price:
    """
    CPU time of a session for each remote call, and for each process more.

    Attributes:
        call, process: in ms, with their intervals over the blocks.
        process_per_second: of a process in ms a second, where trials were held at several rates: then both come from
            that fit (`lines`), and `process` is this price at the rate of the comparison.
        points: of each trial of a split: its arm, remote calls a session, processes beyond one, and CPU ms a session
            beyond the monolith's.
    """

    call: Interval
    process: Interval
    points: Sequence[tuple[str, float, float, float]]
    process_per_second: Interval | None = None

    @property
    def told(self) -> Interval:
        """The price of a process as it is told, and `per` what that is."""
        return self.process if self.process_per_second is None else self.process_per_second

    @property
    def per(self) -> str:
        return "session" if self.process_per_second is None else "second"


def valid(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.valid]


def arms(trials: Sequence[Trial]) -> list[str]:
    """Of the valid trials: the monolith first, then by the number of processes."""
    known = {trial.spec.arm for trial in trials if trial.valid}
    named = [arm for arm in (BASELINE, AGAIN) if arm in known]
    return named + sorted(known - set(named), key=lambda arm: (len(split_in(trials, arm).groups), arm))


def components_of(trials: Sequence[Trial]) -> tuple[str, ...]:
    """Those of the shop when it was measured, which need not be those of today."""
    told = (trial.outcome.detail["components"] for trial in trials if "components" in trial.outcome.detail)
    return tuple(next(told, OF_OLD_RUNS))


def split_in(trials: Sequence[Trial], arm: str) -> Split:
    """The split that an arm of these trials is."""
    return split_named(BASELINE if arm == AGAIN else arm, components_of(trials))


def mix_of(trials: Sequence[Trial]) -> Mapping[str, float]:
    return MIXES[str(trials[0].spec.factors["mix"])] if trials else MIXES["balanced"]


def measured(trials: Sequence[Trial]) -> list[Point]:
    """Every split that was measured in a block with the monolith."""
    mix, points = mix_of(trials), []
    for arm in arms(trials):
        if arm == AGAIN:
            continue
        split = split_in(trials, arm)
        if arm == BASELINE:
            points.append(Point(split, 1.0, blast_radius(split, mix)))
            continue
        found = compare(trials, COST, BASELINE, arm, smaller_is_better=True)
        if found.n:
            points.append(Point(split, found.ratio, blast_radius(split, mix), low=found.low, high=found.high))
    return points


def price(trials: Sequence[Trial]) -> Price | None:
    """Fitted in each block; None where no block has the monolith and splits that tell calls and processes apart."""
    blocks: dict[int, dict[str, Trial]] = {}
    for trial in valid(trials):
        blocks.setdefault(trial.spec.block, {})[trial.spec.arm] = trial
    found, points = [], []
    for block in blocks.values():
        if BASELINE not in block:
            continue
        base = block[BASELINE].outcome.figures[SESSION]
        others: list[tuple[str, float, float, float]] = [
            (arm, figures[CALLS], figures["processes"] - 1, figures[SESSION] - base)
            for arm, trial in block.items()
            if (figures := trial.outcome.figures)[CALLS] > 0
        ]
        with suppress(ValueError):
            found.append(prices([row[1] for row in others], [row[2] for row in others], [row[3] for row in others]))
            points += others
    if not found:
        return None
    line, rate = lines.prices(trials, CALLS), middle(trials, BASELINE, "rate_sessions_per_s")
    if line is not None and rate:
        of = line.process
        process = replace(of, value=of.value / rate, low=of.low / rate, high=of.high / rate)
        return Price(line.call, process, points, of)
    return Price(mean_of([call for call, _ in found]), mean_of([process for _, process in found]), points)


def calls_per_session(trials: Sequence[Trial]) -> dict[str, float]:
    """Calls of the storefront to each component, in process or remote: the mean over the trials."""
    made: dict[str, list[float]] = {}
    for trial in valid(trials):
        for component, number in trial.outcome.detail["calls_per_session"].items():
            made.setdefault(component, []).append(number)
    return {component: fmean(numbers) for component, numbers in made.items()}


def computed(trials: Sequence[Trial]) -> list[Point]:
    """The splits that were not measured, at the prices of calls and processes; empty where those are not known."""
    found, base = price(trials), middle(trials, BASELINE, SESSION)
    if found is None or not base:
        return []
    done = {trial.spec.arm for trial in valid(trials)}
    shares = found.call.value / base, found.process.value / base
    rest = [split for split in every_split(components_of(trials)) if split.name not in done]
    return predicted(rest, calls_per_session(trials), shares, mix_of(trials))
