"""What the capacities say about the arms, and about the claims of the lecture."""

from collections.abc import Sequence
from math import isnan

from twinshop.lab.experiments.scaling.case import GROWN, MONO_AGAIN, MONOLITH, ONE_EACH
from twinshop.lab.experiments.scaling.cells import CAPACITY, PER_GIB, Cell, curve, hot_of, largest, processors
from twinshop.lab.experiments.scaling.growth import GROWS_WELL, growth
from twinshop.lab.report.section import Claim, Judgement
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import BLOCK, compare
from twinshop.lab.statistics.verdict import Comparison

MIX = "mix"
"""The unit where several mixes are compared together: each is a case of its own, and no repetition of another."""
LIMITS = {"pinned": "pinned", "quota": "quotas"}
PAIRS = ((MONOLITH, ONE_EACH), (MONOLITH, GROWN), (ONE_EACH, GROWN))
NEEDED = 2.0
"""Processors from which on growing one service can bring anything: below, one process can use the whole budget."""


def comparisons(trials: Sequence[Trial], found: Sequence[Cell]) -> list[tuple[str, Comparison]]:
    """At the largest budget over all mixes and for each, then at the smaller budgets; those that have data."""
    top = [cell for cell in largest(found) if len(cell.arms) > 1]
    rows: list[tuple[str, Comparison]] = []
    for cpus, limit in {(cell.cpus, cell.limit) for cell in top}:
        mixes = [cell.mix for cell in top]
        if len(mixes) > 1:
            words = f"capacity, {len(mixes)} mixes"
            rows += [_row(words, trials, CAPACITY, pair, MIX, cpus=cpus, limit=limit) for pair in PAIRS]
        for mix in mixes:
            pairs = PAIRS[:2] if len(mixes) > 1 else PAIRS
            words = f"capacity, {mix}"
            rows += [_row(words, trials, CAPACITY, pair, cpus=cpus, limit=limit, mix=mix) for pair in pairs]
        rows.append(_row("requests/s per GiB", trials, PER_GIB, PAIRS[0], MIX, cpus=cpus, limit=limit))
        rows.append(_row("capacity", trials, CAPACITY, (MONOLITH, MONO_AGAIN), cpus=cpus, limit=limit))
    rows += [
        _row(f"capacity, {cell.title}", trials, CAPACITY, PAIRS[0], cpus=cell.cpus, mix=cell.mix, limit=cell.limit)
        for cell in found
        if cell not in top
    ]
    return [(words, each) for words, each in rows if each.n]


def _row(
    words: str, trials: Sequence[Trial], figure: str, pair: tuple[str, str], unit: str = BLOCK, **where: float | str
) -> tuple[str, Comparison]:
    found = compare(trials, figure, *pair, smaller_is_better=False, where=where, unit=unit)
    return f"{words}: {pair[1]} / {pair[0]}", found


def claims(trials: Sequence[Trial], found: Sequence[Cell]) -> list[Claim]:
    return [_as_a_whole(found), _one_by_one(trials, found)]


def _as_a_whole(found: Sequence[Cell]) -> Claim:
    text = "A monolith is simple to scale as a whole: more of the same machine carries more visitors."
    measured = curve(found)
    rows = growth(measured, MONOLITH)
    if not rows:
        return Claim(text, "not measured", "Its capacity was not measured with two budgets.")
    last = rows[-1]
    low, high = last.efficiency_ends
    evidence = (
        f"From {processors(rows[0].cpus)} to {processors(last.cpus)} ({LIMITS[measured[0].limit]}), {last.times:g} "
        "times as much, its capacity grew "
        f"{times(last.speedup, last.low, last.high)}: {last.efficiency:.0%} of the ideal (n = {last.n})."
    )
    if isnan(low):
        return Claim(text, "inconclusive", f"{evidence} Too few blocks for an interval.", 1.0)
    if low >= GROWS_WELL:
        return Claim(text, "holds", evidence, last.p)
    if high < GROWS_WELL:
        return Claim(text, "does not hold", evidence, last.p)
    return Claim(text, "inconclusive", evidence, 1.0)


def _one_by_one(trials: Sequence[Trial], found: Sequence[Cell]) -> Claim:
    text = (
        "Microservices can be scaled one by one: growing only the busy one gets more out of a budget than a monolith "
        "with as many workers."
    )
    top = largest(found)
    cpus = top[0].cpus if top else 0.0
    where = {"cpus": cpus, "limit": top[0].limit} if top else {}
    against = compare(trials, CAPACITY, MONOLITH, GROWN, smaller_is_better=False, where=where, unit=MIX)
    if not against.n:
        return Claim(text, "not measured", "There are no two valid trials of one block to compare.")
    hot = sorted({name for trial in trials if trial.valid and (name := hot_of(trial))})
    evidence = (
        f"With {processors(cpus)}, growing {' or '.join(hot)} gave "
        f"{times(against.ratio, against.low, against.high)} the capacity of the monolith (n = "
        f"{against.counted})."
    )
    if cpus < NEEDED:
        limit = " With fewer than two processors one process can use the whole budget, so growing it cannot help."
        return Claim(text, "inconclusive", f"{evidence} {limit}", 1.0)
    verdicts: dict[str, Judgement] = {"better": "holds", "worse": "does not hold", "equivalent": "does not hold"}
    return Claim(text, verdicts.get(against.verdict, "inconclusive"), evidence, against.p)


def times(ratio: float, low: float, high: float) -> str:
    """Such as `1.62 times [1.40, 1.88]`."""
    return f"{ratio:.2f} times" + ("" if isnan(low) else f" [{low:.2f}, {high:.2f}]")
