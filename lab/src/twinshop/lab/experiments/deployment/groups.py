"""The trials by case and arm."""

from collections.abc import Sequence
from dataclasses import replace

from twinshop.lab.environments.docker.rollout import SETTLE_SECONDS
from twinshop.lab.experiments.deployment.design import ROLLING_REPLICAS, SHAPES
from twinshop.lab.experiments.deployment.options import CROSS_CUTTING, ROLLING
from twinshop.lab.results.trial import AGAIN, Trial

Case = tuple[str, str]
"""Patch and strategy."""
MONO, MICRO = SHAPES
MONO_AGAIN = MONO + AGAIN


def case_of(trial: Trial) -> Case:
    return str(trial.spec.factors["patch"]), str(trial.spec.factors["strategy"])


def without_own_waits(trial: Trial) -> Trial:
    """
    Return the trial with the time that the lab itself slept taken out of `deploy_s`.

    A rolling deployment sleeps after each new storefront, so that the edge finds it. That is one sleep for each
    replica of the process with the storefront in it, if that is deployed at all: in the monolith it always is.
    """
    figures = trial.outcome.figures
    patch, strategy = case_of(trial)
    if strategy != ROLLING or "deploy_s" not in figures:
        return trial
    if trial.spec.arm.removesuffix(AGAIN) != MONO and patch not in {"storefront", CROSS_CUTTING}:
        return trial
    slept = ROLLING_REPLICAS * SETTLE_SECONDS
    return replace(trial, outcome=replace(trial.outcome, figures={**figures, "deploy_s": figures["deploy_s"] - slept}))


def title(case: Case) -> str:
    patch, strategy = case
    return f"{patch}, {'rolling' if strategy == 'rolling' else 'recreated'}"


def where(case: Case) -> dict[str, str | float]:
    """For `compare`."""
    return {"patch": case[0], "strategy": case[1]}


def cases(trials: Sequence[Trial]) -> list[Case]:
    """Those of which there is a valid trial, in the order of their blocks."""
    valid = sorted((trial for trial in trials if trial.valid), key=lambda trial: trial.spec.block)
    return list(dict.fromkeys(map(case_of, valid)))


def of(trials: Sequence[Trial], case: Case, arm: str) -> list[Trial]:
    """The valid ones, by block."""
    found = [trial for trial in trials if trial.valid and trial.spec.arm == arm and case_of(trial) == case]
    return sorted(found, key=lambda trial: trial.spec.block)
