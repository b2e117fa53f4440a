"""Test whether a figure depends on its position in the block."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray
from scipy import special

from twinshop.lab.results.trial import Trial

FEWEST_FREEDOM = 4
"""Degrees of freedom of the noise below which nothing is said."""
SUSPICIOUS = 0.01
"""Below this p a drift is called one: a report tests many figures."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """
    Change of a figure from one position in a block to the next.

    Attributes:
        slope: relative change, such as 0.02 for 2 % more; NaN where too little is left to tell.
        p: how often chance alone gives a slope as far from 0.
        n: values that count.
    """

    figure: str
    slope: float
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
    Return whether the figure goes up or down from one trial of a block to the next.

    The means of each arm (with its factors) and of each block are removed first, by least squares, from the figure and
    from the place. Each block has a seed of its own, that is other arrivals: what differs between blocks looks like a
    drift of the run and is none, and what did drift from block to block cannot disturb comparisons within them.
    """
    rows = [
        (trial.spec.arm, frozenset(trial.spec.factors.items()), trial.spec.block, trial.position, value)
        for trial in trials
        if trial.valid and isfinite(value := trial.outcome.figures.get(figure, nan))
    ]
    values = np.array([value for *_, value in rows])
    none = OrderEffect(figure, nan, nan, len(rows))
    if not rows or not values.any() or np.ptp(values) == 0:
        return none
    scaled = np.log(values) if (values > 0).all() else values / np.abs(values).mean()
    cells = [(arm, factors) for arm, factors, *_ in rows]
    slope, p = slope_of_place(scaled, cells, [block for _, _, block, *_ in rows], [row[3] for row in rows])
    return none if isnan(float(p)) else OrderEffect(figure, float(np.expm1(slope)), float(p), len(rows))


def slope_of_place(
    values: Array, cells: Sequence[object], blocks: Sequence[object], places: Sequence[float]
) -> tuple[Array, Array]:
    """
    Return the change from one place to the next and its p (t test in the linear model: cell + block + place).

    Args:
        values: of all trials, on the last axis.
        cells: arm and factors of each trial.
        blocks: the block of each trial.
        places: when it was run.

    Returns:
        Slopes and p-values over all other axes; NaN where too few values are left beside the means.
    """
    model = np.column_stack([_dummies(cells), _dummies(blocks)])
    left = np.eye(len(places)) - model @ np.linalg.pinv(model)
    place, rest = left @ np.asarray(places, dtype=float), values @ left
    spread = float(place @ place)
    freedom = round(float(np.trace(left))) - 1
    if freedom < FEWEST_FREEDOM or spread < 1e-9:  # noqa: PLR2004 - rounding
        nothing = np.full(values.shape[:-1], nan)
        return nothing, nothing
    slope = rest @ place / spread
    noise = np.maximum((rest**2).sum(axis=-1) - slope**2 * spread, 0.0) / freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        t = slope / np.sqrt(noise / spread)
    return slope, 2 * special.stdtr(freedom, -np.abs(t))


def _dummies(names: Sequence[object]) -> Array:
    return np.array([[name == each for each in dict.fromkeys(names)] for name in names], dtype=float)
