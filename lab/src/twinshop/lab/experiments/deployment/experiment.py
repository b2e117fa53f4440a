"""The experiment, put together from its parts."""

from collections.abc import Sequence

from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.deployment import design, options
from twinshop.lab.experiments.deployment.section import QUESTION, section
from twinshop.lab.experiments.deployment.trial import run_trial
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import AGAIN, Outcome, Spec, Trial

SITE_SECONDS = 20.0
"""To bring up and remove an environment, build the images, notice the bad patch and check the books."""
PART_SECONDS = {options.RECREATE: 5.0, options.ROLLING: 11.0}
"""For each process that is deployed."""


class Deploy:
    """Implements `Experiment`."""

    name = design.NAME
    question = QUESTION

    def plan(self, request: Request) -> Sequence[Spec]:
        specs = design.specs(request)
        return specs if "docker" in request.runtimes else specs[:1]  # to be skipped, with the reason

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        settings = design.settings_of(request)
        shape = design.SHAPES[spec.arm.removesuffix(AGAIN)]
        parts = len(design.targets(shape, str(spec.factors["patch"])))
        return SITE_SECONDS + settings.base + 2 * settings.after + parts * PART_SECONDS[str(spec.factors["strategy"])]

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        if "docker" not in request.runtimes:
            raise Unsupported("Deploying replaces containers: it needs Docker.")
        patch, strategy = str(spec.factors["patch"]), str(spec.factors["strategy"])
        return run_trial(spec.arm.removesuffix(AGAIN), patch, strategy, design.settings_of(request), bench)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


EXPERIMENT = Deploy()
