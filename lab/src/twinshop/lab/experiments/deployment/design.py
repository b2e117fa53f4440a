"""What is deployed, how, and where to: the trials of the experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from twinshop.lab.environments.docker.images import Image, image_of
from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.api import Request
from twinshop.lab.results.trial import Spec
from twinshop.lab.shapes import COMPONENTS, MICRO, MONO, Shape
from twinshop.lab.statistics.verdict import AGAIN

NAME = "deploy"
CROSS_CUTTING = "contracts"
PATCHES = (*COMPONENTS, CROSS_CUTTING)
RECREATE, ROLLING = "recreate", "rolling"
STRATEGIES = (RECREATE, ROLLING)
SHAPES = {"mono": MONO, "micro": MICRO}
ROLLING_REPLICAS = 2
"""Of every process that is deployed by rolling; all others, and all others' processes, are there once."""

QUICK = (("catalog", RECREATE),)
FULL = (("catalog", RECREATE), ("catalog", ROLLING), (CROSS_CUTTING, RECREATE))
BLOCKS = {"smoke": 1, "quick": 1, "full": 3}
BY_EFFORT = "by effort"


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What is set.

    Attributes:
        rate: sessions a second, the same for both shapes: at most half of what either can do on one core.
        base, after: seconds that are watched before and after each deployment.
        cases: patch and strategy.
    """

    rate: float
    base: float
    after: float
    cases: Sequence[tuple[str, str]]


def settings_of(request: Request) -> Settings:
    """Raises LabError: an option is wrong."""
    known = {"rate": "15", "base": "5", "after": "6", "patch": BY_EFFORT, "strategy": BY_EFFORT}
    values = request.options_of(NAME, known)
    usual = FULL if request.effort == "full" else QUICK
    cases = list(usual)
    if any(values[name] != BY_EFFORT for name in ("patch", "strategy")):
        patches = _chosen("patch", values["patch"], PATCHES, [patch for patch, _ in usual])
        strategies = _chosen("strategy", values["strategy"], STRATEGIES, [strategy for _, strategy in usual])
        cases = [(patch, strategy) for patch in patches for strategy in strategies]
    rate, base, after = (_number(name, values[name]) for name in ("rate", "base", "after"))
    return Settings(rate, base, after, cases)


def _chosen(name: str, text: str, known: Sequence[str], usual: Sequence[str]) -> list[str]:
    words = list(dict.fromkeys(usual)) if text == BY_EFFORT else text.split(",")
    if unknown := [word for word in words if word not in known]:
        raise UsageError(f"{NAME}.{name} is any of {', '.join(known)}, not `{unknown[0]}`.")
    return words


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not isfinite(value) or value <= 0:
        raise UsageError(f"{NAME}.{name} must be a number above 0, not `{text}`.")
    return value


def specs(request: Request) -> list[Spec]:
    """The blocks of one case have numbers of their own; in a full run the first case has the monolith twice."""
    found = []
    repeats = request.repeats or BLOCKS[request.effort]
    for number, (patch, strategy) in enumerate(settings_of(request).cases):
        arms = [*SHAPES, *(["mono" + AGAIN] if request.effort == "full" and number == 0 else [])]
        factors = {"runtime": "docker", "patch": patch, "strategy": strategy}
        blocks = range(number * repeats, (number + 1) * repeats)
        found += [Spec(NAME, arm, block, factors) for block in blocks for arm in arms]
    return found


def targets(shape: Shape, patch: str) -> Mapping[str, Image]:
    """The processes that have the patched part in them, with their images; the store front comes last."""
    hosting = [each for each in shape.processes if patch == CROSS_CUTTING or patch in each.components]
    hosting.sort(key=lambda each: "storefront" in each.components)
    return {each.name: image_of(each) for each in hosting}
