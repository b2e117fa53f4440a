"""Compare the claims of the lecture with the effects of the faults."""

from collections.abc import Sequence

from twinshop.lab.experiments.isolation.groups import GROUP, GROUPS, MICRO, MONO
from twinshop.lab.experiments.isolation.lost_sessions import ALL, Lost, apart, in_words, lost, with_ends
from twinshop.lab.report.section import Claim
from twinshop.lab.results.trial import Trial

EVERYTHING, NOTHING = 0.8, 0.1
"""Shares of the other sessions: above the first everything is down, below the second nothing else is."""

MONOLITH = "In a monolith, one component's failure takes everything down."
MICROSERVICES = "With microservices, the rest of the shop carries on."
NO_WORSE = "Where calls only fail or are slow, or a store is down, the monolith is no worse."


def claims(cells: Sequence[Trial]) -> list[Claim]:
    """One for each sentence of the lecture, and one for where it stops."""
    return [_monolith(cells), _microservices(cells), _no_worse(cells)]


def collateral(cells: Sequence[Trial], arm: str) -> dict[str, Lost]:
    """What an arm lost of the sessions that do not need the component, by groups of faults that were measured."""
    found = {group.name: lost(cells, arm, group.faults) for group in GROUPS}
    return {name: each for name, each in found.items() if each is not None}


def _told(found: dict[str, Lost]) -> str:
    return "; ".join(f"{in_words(each)} when {GROUP[name].when}" for name, each in found.items())


def _monolith(cells: Sequence[Trial]) -> Claim:
    found = collateral(cells, MONO)
    worst = found.get("process")
    if worst is None:
        return Claim(MONOLITH, "not measured", "No process was down, hung or cut off.")
    evidence = f"Of the sessions that do not need the component, the monolith lost {_told(found)}."
    if worst.low >= EVERYTHING:
        if all(each.low >= EVERYTHING for each in found.values()):
            return Claim(MONOLITH, "holds", evidence, max(each.p_above(EVERYTHING) for each in found.values()))
        others = min(each.p_below(EVERYTHING) for each in found.values())
        return Claim(MONOLITH, "in part", evidence, max(worst.p_above(EVERYTHING), min(1.0, len(found) * others)))
    if worst.high < EVERYTHING:
        return Claim(MONOLITH, "does not hold", evidence, worst.p_below(EVERYTHING))
    return Claim(MONOLITH, "inconclusive", evidence, 1.0)


def _microservices(cells: Sequence[Trial]) -> Claim:
    found = collateral(cells, MICRO)
    if not found:
        return Claim(MICROSERVICES, "not measured", "No fault was measured.")
    evidence = f"Of the sessions that do not need the component, the microservices lost {_told(found)}."
    each = list(found.values())
    if all(one.high <= NOTHING for one in each):
        return Claim(MICROSERVICES, "holds", evidence, max(one.p_below(NOTHING) for one in each))
    if all(one.low > NOTHING for one in each):
        return Claim(MICROSERVICES, "does not hold", evidence, max(one.p_above(NOTHING) for one in each))
    if any(one.high <= NOTHING for one in each) and any(one.low > NOTHING for one in each):
        best, worst = min(one.p_below(NOTHING) for one in each), min(one.p_above(NOTHING) for one in each)
        return Claim(MICROSERVICES, "in part", evidence, min(1.0, len(each) * max(best, worst)))
    return Claim(MICROSERVICES, "inconclusive", evidence, 1.0)


def _no_worse(cells: Sequence[Trial]) -> Claim:
    found = {name: apart(cells, GROUP[name].faults, ALL) for name in ("calls", "stores")}
    measured = {name: it for name, it in found.items() if it.n}
    if not measured:
        return Claim(NO_WORSE, "not measured", "No such fault was measured in both shapes.")
    told = [f"{with_ends(it.value, it.low, it.high)} when {GROUP[name].when}" for name, it in measured.items()]
    evidence = f"Sessions lost by the microservices minus those lost by the monolith: {'; '.join(told)}."
    verdicts = {it.verdict for it in measured.values()}
    p = max(it.p for it in measured.values())
    if verdicts <= {"worse", "equivalent"}:  # of the microservices
        return Claim(NO_WORSE, "holds", evidence, p)
    if verdicts <= {"better"}:
        return Claim(NO_WORSE, "does not hold", evidence, p)
    return Claim(NO_WORSE, "inconclusive" if verdicts & {"inconclusive", "small"} else "in part", evidence, p)
