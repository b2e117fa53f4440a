"""The valid trials of `tax` as points: what each split costs, what a call costs, and what the other splits would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from statistics import fmean, median

from twinshop.lab.experiments.mixes import MIXES
from twinshop.lab.experiments.tax.blast import blast_radius
from twinshop.lab.experiments.tax.frontier import Point, predicted, price_of_a_call
from twinshop.lab.experiments.tax.plan import AGAIN, BASELINE
from twinshop.lab.experiments.tax.splits import BY_NAME, every_split
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.intervals import Interval
from twinshop.lab.statistics.intervals import mean as mean_of

COST = "app_cpu_ms_per_request"
"""Of the shop's own processes: what the shape changes. Stores and edge have much the same to do in every shape."""
SESSION = "app_cpu_ms_per_session"
CALLS = "remote_calls_per_session"


@dataclass(frozen=True, slots=True)
class Price:
    """
    CPU time of one remote call.

    Attributes:
        ms: with its interval over the blocks.
        points: remote calls a session, and CPU ms a session beyond the monolith's, of each trial of a split.
    """

    ms: Interval
    points: Sequence[tuple[str, float, float]]


def valid(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.valid]


def arms(trials: Sequence[Trial]) -> list[str]:
    """Of the valid trials: the monolith first, then by the number of processes."""
    known = {trial.spec.arm for trial in trials if trial.valid}
    named = [arm for arm in (BASELINE, AGAIN) if arm in known]
    return named + sorted(known - set(named), key=lambda arm: (len(BY_NAME[arm].groups), arm))


def mix_of(trials: Sequence[Trial]) -> Mapping[str, float]:
    return MIXES[str(trials[0].spec.factors["mix"])] if trials else MIXES["balanced"]


def values(trials: Sequence[Trial], arm: str, figure: str) -> list[float]:
    """Of the valid trials of an arm."""
    figures = [trial.outcome.figures for trial in trials if trial.valid and trial.spec.arm == arm]
    return [each[figure] for each in figures if figure in each]


def middle(trials: Sequence[Trial], arm: str, figure: str) -> float | None:
    known = values(trials, arm, figure)
    return median(known) if known else None


def measured(trials: Sequence[Trial]) -> list[Point]:
    """Every split that was measured in a block with the monolith."""
    mix, points = mix_of(trials), []
    for arm in arms(trials):
        if arm == AGAIN:
            continue
        split = BY_NAME[arm]
        if arm == BASELINE:
            points.append(Point(split, 1.0, blast_radius(split, mix)))
            continue
        found = compare(trials, COST, BASELINE, arm, smaller_is_better=True)
        if found.n:
            points.append(Point(split, found.ratio, blast_radius(split, mix), low=found.low, high=found.high))
    return points


def price(trials: Sequence[Trial]) -> Price | None:
    """Fitted in each block; None where no block has both the monolith and a split with remote calls."""
    blocks: dict[int, dict[str, Trial]] = {}
    for trial in valid(trials):
        blocks.setdefault(trial.spec.block, {})[trial.spec.arm] = trial
    prices, points = [], []
    for block in blocks.values():
        if BASELINE not in block:
            continue
        base = block[BASELINE].outcome.figures[SESSION]
        others = [
            (arm, trial.outcome.figures[CALLS], trial.outcome.figures[SESSION] - base)
            for arm, trial in block.items()
            if trial.outcome.figures[CALLS] > 0
        ]
        if others:
            prices.append(price_of_a_call([calls for _, calls, _ in others], [extra for *_, extra in others]))
            points += others
    return Price(mean_of(prices), points) if prices else None


def calls_per_session(trials: Sequence[Trial]) -> dict[str, float]:
    """Calls of the store front to each component, in process or remote: the mean over the trials."""
    made: dict[str, list[float]] = {}
    for trial in valid(trials):
        for component, number in trial.outcome.detail["calls_per_session"].items():
            made.setdefault(component, []).append(number)
    return {component: fmean(numbers) for component, numbers in made.items()}


def computed(trials: Sequence[Trial]) -> list[Point]:
    """The splits that were not measured, at the price of a call; empty where that is not known."""
    found, base = price(trials), middle(trials, BASELINE, SESSION)
    if found is None or not base or isnan(found.ms.value):
        return []
    done = {trial.spec.arm for trial in valid(trials)}
    rest = [split for split in every_split() if split.name not in done]
    return predicted(rest, calls_per_session(trials), found.ms.value / base, mix_of(trials))
