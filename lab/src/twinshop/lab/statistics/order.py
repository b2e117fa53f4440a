"""Whether a figure depends on when it was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan
from statistics import fmean

from scipy import stats

from twinshop.lab.results.trial import Trial

FEWEST = 8
SUSPICIOUS = 0.01
"""Below this p a drift is called one: a report tests many figures."""


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """
    Spearman's rank correlation of a figure with the position of its trial in the run.

    Attributes:
        rho: -1 to 1; NaN with fewer than eight values.
        p: how often chance alone gives a rho as far from 0.
        n: values that count.
    """

    figure: str
    rho: float
    p: float
    n: int

    @property
    def known(self) -> bool:
        return not isnan(self.p)

    @property
    def suspicious(self) -> bool:
        return self.p < SUSPICIOUS


def order_effect(trials: Sequence[Trial], figure: str) -> OrderEffect:
    """
    Whether the figure went up or down in the course of the run.

    Each value is taken relative to the mean of its own arm and factors, so that only the order is left; an arm that was
    measured once with its factors tells nothing.
    """
    cells: dict[tuple[str, str, object], list[tuple[int, float]]] = {}
    for trial in trials:
        value = trial.outcome.figures.get(figure, nan)
        if trial.valid and isfinite(value):
            key = (trial.spec.experiment, trial.spec.arm, frozenset(trial.spec.factors.items()))
            cells.setdefault(key, []).append((trial.position, value))
    points = []
    for cell in cells.values():
        middle = fmean(value for _, value in cell)
        if len(cell) > 1 and middle != 0:
            points += [(position, value / middle) for position, value in cell]
    if len(points) < FEWEST or len({value for _, value in points}) == 1:
        return OrderEffect(figure, nan, nan, len(points))
    found = stats.spearmanr([position for position, _ in points], [value for _, value in points])
    return OrderEffect(figure, float(found.statistic), float(found.pvalue), len(points))
