"""What is deployed, how, and where to: the trials of the experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinshop.lab.environments.docker.images import Image, image_of
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.deployment.options import CROSS_CUTTING, RECREATE, ROLLING, DeploymentOptions
from twinshop.lab.results.trial import AGAIN, Spec
from twinshop.lab.shapes import MICRO, MONO, Shape

NAME = DeploymentOptions.NAME
SHAPES = {"mono": MONO, "micro": MICRO}
ROLLING_REPLICAS = 2
"""Of every process that is deployed by rolling; all others, and all others' processes, are there once."""

QUICK = (("catalog", RECREATE),)
FULL = (("catalog", RECREATE), ("catalog", ROLLING), (CROSS_CUTTING, RECREATE))
BLOCKS = {"smoke": 1, "quick": 1, "full": 3}


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
    """Raises UsageError: an option is wrong."""
    options = DeploymentOptions.of(request.effort, request.options)
    cases = list(FULL if request.effort == "full" else QUICK)
    if options.patch or options.strategy:
        patches = options.patch or dict.fromkeys(patch for patch, _ in cases)
        strategies = options.strategy or dict.fromkeys(strategy for _, strategy in cases)
        cases = [(patch, strategy) for patch in patches for strategy in strategies]
    return Settings(options.rate, options.base, options.after, cases)


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
    """The processes that have the patched part in them, with their images; the storefront comes last."""
    hosting = [each for each in shape.processes if patch == CROSS_CUTTING or patch in each.components]
    hosting.sort(key=lambda each: "storefront" in each.components)
    return {each.name: image_of(each) for each in hosting}
