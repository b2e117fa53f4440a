"""Comparison of two arms within blocks."""

from collections.abc import Mapping, Sequence
from math import exp, isfinite, log, nan

from twinshop.lab.results.trial import AGAIN, Trial
from twinshop.lab.statistics.intervals import Interval, mean
from twinshop.lab.statistics.verdict import Comparison, Difference

Where = Mapping[str, str | float]
"""Only trials whose factors have these values."""
BLOCK = "block"
SCOPE = "runtime"
"""The factor within which an A/A pair speaks for all others: other runtimes have other noise."""
Units = Sequence[Sequence[tuple[float, float]]]


def compare(
    trials: Sequence[Trial],
    figure: str,
    baseline: str,
    other: str,
    *,
    smaller_is_better: bool,
    where: Where | None = None,
    unit: str = BLOCK,
    counted: bool = False,
) -> Comparison:
    """
    Return the ratio other / baseline: geometric mean over the blocks, with the t interval of the mean log-ratio.

    A block in which the arms met several times, with other factors each time, has the mean of its log-ratios. The
    comparison comes with the A/A pair of the same figure, if these trials have one: see `against_itself`.

    Args:
        trials: of one experiment or of several; void ones do not count, nor do blocks in which an arm is missing.
        figure: as the trials name it.
        baseline: the arm below the line.
        other: the arm above it.
        smaller_is_better: what the figure is like.
        where: only trials with these factors.
        unit: `block`, or a factor, such as `mix`: then all blocks with the same value of it are one unit, if there are
            several values.
        counted: the figure is counted, such as bytes of a build, and not estimated: it has no interval.

    Raises:
        ValueError: a figure is 0 or negative (see `difference`), or an arm is twice in a block with the same factors.
    """
    units = _units(trials, figure, (baseline, other), where or {}, unit)
    if len(units) == 1 and unit != BLOCK:  # a single mix: what was repeated are its blocks
        unit = BLOCK
        units = _units(trials, figure, (baseline, other), where or {}, BLOCK)
    logs = []
    for pairs in units:
        if any(value <= 0 for pair in pairs for value in pair):
            raise ValueError(f"{figure} is not always above 0 and has no ratio: use `difference` instead.")
        logs.append(sum(log(above / below) for below, above in pairs) / len(pairs))
    found = _mean(logs, counted=counted)
    check = None
    if other != baseline + AGAIN and (pair := against_itself(trials, figure, where)) is not None:
        check = compare(trials, figure, *pair[0], smaller_is_better=smaller_is_better, where=pair[1])
    ratio, low, high = (exp(end) for end in (found.value, found.low, found.high))
    return Comparison(
        figure,
        baseline,
        other,
        ratio,
        low,
        high,
        found.n,
        smaller_is_better,
        found.method,
        unit,
        check,
    )


def difference(
    trials: Sequence[Trial],
    figure: str,
    baseline: str,
    other: str,
    *,
    smaller_is_better: bool,
    margin: float = 0.0,
    where: Where | None = None,
) -> Difference:
    """
    Return the difference other - baseline: mean over the blocks, with its interval.

    Like `compare`, for figures that may be 0.

    Args:
        trials: as for `compare`.
        figure: as for `compare`.
        baseline: the arm that is taken away.
        other: the arm from which it is taken.
        smaller_is_better: what the figure is like.
        margin: what is called no difference, in the figure's unit.
        where: only trials with these factors.

    Raises:
        ValueError: an arm is twice in a block with the same factors.
    """
    units = _units(trials, figure, (baseline, other), where or {}, BLOCK)
    found = _mean([sum(above - below for below, above in pairs) / len(pairs) for pairs in units])
    check = None
    if other != baseline + AGAIN and (pair := against_itself(trials, figure, where)) is not None:
        check = difference(trials, figure, *pair[0], smaller_is_better=smaller_is_better, margin=margin, where=pair[1])
    return Difference(
        figure,
        baseline,
        other,
        found.value,
        found.low,
        found.high,
        found.n,
        smaller_is_better,
        found.method,
        BLOCK,
        check,
        margin=margin,
    )


def against_itself(
    trials: Sequence[Trial], figure: str, where: Where | None = None
) -> tuple[tuple[str, str], Where] | None:
    """
    Return the A/A pair that speaks for a figure, and the factors with which it was measured; None if there is none.

    It is the one measured with the same factors; else with the same runtime; else any of the trials.
    """
    asked = dict(where or {})
    for factors in (asked, {name: value for name, value in asked.items() if name == SCOPE}, {}):
        known = {trial.spec.arm for trial in trials if _has(trial, figure, factors)}
        for again in sorted(arm for arm in known if arm.endswith(AGAIN)):
            pair = again.removesuffix(AGAIN), again
            if _units(trials, figure, pair, factors, BLOCK):
                return pair, factors
    return None


def _mean(values: Sequence[float], *, counted: bool = False) -> Interval:
    if not values:
        return Interval(nan, nan, nan, 0, "none")
    if counted:
        return Interval(sum(values) / len(values), nan, nan, len(values), "counted")
    return mean(values)


def _has(trial: Trial, figure: str, where: Where) -> bool:
    value, factors = trial.outcome.figures.get(figure, nan), trial.spec.factors
    return trial.valid and isfinite(value) and all(factors.get(name) == wanted for name, wanted in where.items())


def _units(trials: Sequence[Trial], figure: str, arms: tuple[str, str], where: Where, unit: str) -> Units:
    """For each unit the pairs of figures, one for each block and set of factors with which both arms were measured."""
    met: dict[tuple[str, int], dict[object, dict[str, float]]] = {}
    named: dict[tuple[str, int], object] = {}
    for trial in trials:
        spec = trial.spec
        if spec.arm not in arms or not _has(trial, figure, where):
            continue
        cell = met.setdefault((spec.experiment, spec.block), {}).setdefault(frozenset(spec.factors.items()), {})
        if spec.arm in cell:
            raise ValueError(f"{spec.arm} is twice in block {spec.block} of {spec.experiment} with the same factors.")
        cell[spec.arm] = trial.outcome.figures[figure]
        named[spec.experiment, spec.block] = spec.block if unit == BLOCK else spec.factors.get(unit)
    baseline, other = arms
    units: dict[object, list[tuple[float, float]]] = {}
    for block, cells in sorted(met.items(), key=lambda each: each[0]):
        pairs = [(cell[baseline], cell[other]) for cell in cells.values() if len(cell) == len(arms)]
        if pairs:
            units.setdefault((block[0], named[block]), []).extend(pairs)
    return list(units.values())
