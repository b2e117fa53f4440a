"""What crashes really took along, where the same run measured it: the two ends in the isolation experiment."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from twinshop.lab.measurement.fault_trials import cells_of
from twinshop.lab.results.trial import Trial

ISOLATION = "isolation"
CRASH = "crash"
Crashes = Mapping[str, Mapping[str, float]]
"""Arm to component to blast ratio, the mean over the blocks."""


def crashes(trials: Sequence[Trial], runtime: str, components: Sequence[str]) -> Crashes:
    """Those of one runtime, among trials of any experiment; only arms in which each of the components was crashed."""
    own = [trial for trial in trials if trial.spec.experiment == ISOLATION]
    found: dict[str, dict[str, list[float]]] = {}
    for cell in cells_of(own):
        factors = cell.spec.factors
        if cell.valid and factors["fault"] == CRASH and factors["runtime"] == runtime:
            ratio = cell.outcome.figures["blast_ratio"]
            found.setdefault(cell.spec.arm, {}).setdefault(str(factors["target"]), []).append(ratio)
    return {
        arm: {component: fmean(ratios[component]) for component in components}
        for arm, ratios in found.items()
        if ratios.keys() >= set(components)
    }
