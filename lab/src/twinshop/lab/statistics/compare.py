"""Two arms, compared within blocks."""

from collections.abc import Mapping, Sequence
from math import exp, isfinite, log, nan

from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.intervals import mean
from twinshop.lab.statistics.verdict import Comparison, Difference

Where = Mapping[str, str | float]
"""Only trials whose factors have these values."""


def compare(
    trials: Sequence[Trial],
    figure: str,
    baseline: str,
    other: str,
    *,
    smaller_is_better: bool,
    where: Where | None = None,
    seed: int = 1,
) -> Comparison:
    """
    The ratio other / baseline: geometric mean over the blocks, with the interval of the mean log-ratio.

    Resampling blocks of pairs is the paired bootstrap: the log-ratio of a block is one value. A block in which the arms
    met several times, with other factors each time, has the mean of its log-ratios.

    Args:
        trials: of one experiment or of several; void ones do not count, nor do blocks in which an arm is missing.
        figure: as the trials name it.
        baseline: the arm below the line.
        other: the arm above it.
        smaller_is_better: what the figure is like.
        where: only trials with these factors.
        seed: of the resampling.

    Raises:
        ValueError: a figure is 0 or negative (see `difference`), or an arm is twice in a block with the same factors.
    """
    blocks = []
    for pairs in _blocks(trials, figure, (baseline, other), where or {}):
        if any(value <= 0 for pair in pairs for value in pair):
            raise ValueError(f"{figure} is not always above 0, so it has no ratio: take `difference` instead.")
        blocks.append(sum(log(above / below) for below, above in pairs) / len(pairs))
    if not blocks:
        return Comparison(figure, baseline, other, nan, nan, nan, 0, smaller_is_better, "none")
    found = mean(blocks, seed=seed)
    ends = exp(found.value), exp(found.low), exp(found.high)
    return Comparison(figure, baseline, other, *ends, found.n, smaller_is_better, found.method)


def difference(
    trials: Sequence[Trial],
    figure: str,
    baseline: str,
    other: str,
    *,
    smaller_is_better: bool,
    margin: float = 0.0,
    where: Where | None = None,
    seed: int = 1,
) -> Difference:
    """
    The difference other - baseline: mean over the blocks, with its interval; as `compare`, for figures that may be 0.

    Args:
        trials: as for `compare`.
        figure: as for `compare`.
        baseline: the arm that is taken away.
        other: the arm from which it is taken.
        smaller_is_better: what the figure is like.
        margin: what is called no difference, in the figure's unit.
        where: only trials with these factors.
        seed: of the resampling.

    Raises:
        ValueError: an arm is twice in a block with the same factors.
    """
    found_blocks = _blocks(trials, figure, (baseline, other), where or {})
    blocks = [sum(above - below for below, above in pairs) / len(pairs) for pairs in found_blocks]
    if not blocks:
        return Difference(figure, baseline, other, nan, nan, nan, 0, smaller_is_better, margin, "none")
    found = mean(blocks, seed=seed)
    return Difference(
        figure, baseline, other, found.value, found.low, found.high, found.n, smaller_is_better, margin, found.method
    )


def _blocks(
    trials: Sequence[Trial], figure: str, arms: tuple[str, str], where: Where
) -> list[list[tuple[float, float]]]:
    """For each block in order the pairs of figures, one for each set of factors with which both arms were measured."""
    met: dict[tuple[str, int], dict[object, dict[str, float]]] = {}
    for trial in trials:
        spec, value = trial.spec, trial.outcome.figures.get(figure, nan)
        if not trial.valid or spec.arm not in arms or not isfinite(value):
            continue
        if any(spec.factors.get(name) != wanted for name, wanted in where.items()):
            continue
        cell = met.setdefault((spec.experiment, spec.block), {}).setdefault(frozenset(spec.factors.items()), {})
        if spec.arm in cell:
            raise ValueError(f"{spec.arm} is twice in block {spec.block} of {spec.experiment} with the same factors.")
        cell[spec.arm] = value
    baseline, other = arms
    paired = [
        [(cell[baseline], cell[other]) for cell in cells.values() if len(cell) == len(arms)]
        for _, cells in sorted(met.items())
    ]
    return [pairs for pairs in paired if pairs]
