"""The claims of the lecture, held against the faults."""

from collections.abc import Sequence
from math import isnan

from twinshop.lab.experiments.isolation.groups import (
    GROUP,
    GROUPS,
    MICRO,
    MONO,
    apart,
    in_words,
    level,
)
from twinshop.lab.report.section import Claim
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.intervals import Interval

EVERYTHING, NOTHING = 0.8, 0.1
"""Collateral ratios whose interval lies above the first: everything is down; below the second: nothing else is."""

MONOLITH = "In a monolith, one component's failure takes everything down."
MICROSERVICES = "With microservices, the rest of the shop carries on."
NO_WORSE = "Where calls only fail or are slow, or a store is down, the monolith is no worse."


def claims(cells: Sequence[Trial]) -> list[Claim]:
    """One for each sentence of the lecture, and one for where it stops."""
    return [_monolith(cells), _microservices(cells), _no_worse(cells)]


def collateral(cells: Sequence[Trial], arm: str, group: str) -> Interval | None:
    return level(cells, arm, "collateral_ratio", GROUP[group].faults)


def _monolith(cells: Sequence[Trial]) -> Claim:
    found = {group.name: collateral(cells, MONO, group.name) for group in GROUPS}
    told = [f"{in_words(it)} when {group.when}" for group in GROUPS if (it := found[group.name]) is not None]
    evidence = f"Of the sessions that do not need the component it lost {'; '.join(told)}."
    worst = found["process"]
    if worst is None:
        return Claim(MONOLITH, "not measured", "No process was down, hung or cut off.")
    if worst.low >= EVERYTHING:
        everything = all(it.low >= EVERYTHING for it in found.values() if it is not None)
        return Claim(MONOLITH, "holds" if everything else "in part", evidence)
    return Claim(MONOLITH, "does not hold" if worst.high < EVERYTHING else "inconclusive", evidence)


def _microservices(cells: Sequence[Trial]) -> Claim:
    found = {group.name: collateral(cells, MICRO, group.name) for group in GROUPS}
    measured = {name: it for name, it in found.items() if it is not None}
    if not measured:
        return Claim(MICROSERVICES, "not measured", "No fault was measured.")
    told = [f"{in_words(measured[group.name])} when {group.when}" for group in GROUPS if group.name in measured]
    evidence = f"Of the sessions that do not need the component they lost {'; '.join(told)}."
    # a group with a single pair has no interval: it may contradict, but not confirm
    sure = [it.high <= NOTHING for it in measured.values() if not isnan(it.high)]
    open_ = [it.value <= NOTHING for it in measured.values() if isnan(it.high)]
    if sure and all(sure) and all(open_):
        return Claim(MICROSERVICES, "holds", evidence)
    if any(sure):
        return Claim(MICROSERVICES, "in part", evidence)
    lost = all(it.low > NOTHING for it in measured.values())
    return Claim(MICROSERVICES, "does not hold" if lost else "inconclusive", evidence)


def _no_worse(cells: Sequence[Trial]) -> Claim:
    found = {name: apart(cells, "blast_ratio", GROUP[name].faults) for name in ("calls", "stores")}
    measured = {name: it for name, it in found.items() if it.n}
    if not measured:
        return Claim(NO_WORSE, "not measured", "No such fault was measured in both shapes.")
    told = [f"{in_words(it)} when {GROUP[name].when}" for name, it in measured.items()]
    evidence = f"Sessions lost by the microservices less those lost by the monolith: {'; '.join(told)}."
    verdicts = {it.verdict for it in measured.values()}
    if verdicts <= {"worse", "equivalent"}:  # of the microservices
        return Claim(NO_WORSE, "holds", evidence)
    if verdicts <= {"better"}:
        return Claim(NO_WORSE, "does not hold", evidence)
    return Claim(NO_WORSE, "in part" if "inconclusive" not in verdicts else "inconclusive", evidence)
