"""
Deploying a patch under load: what is built, carried and restarted, what visitors notice, and the way back.

- `cases`: which patch, how, and where to; the options. `patches`: the images with it.
- `trial`: one trial; `versions` watches which code answers meanwhile. `course`: what happened; `figures` of it.
- `section`, `claims`, `tables`, `plots`: its part of the report.

Options: `deploy.patch` (components or `contracts`), `deploy.strategy` (`recreate`, `rolling`), `deploy.rate` (sessions
a second), `deploy.base`, `deploy.after` (seconds watched before and after).
"""

from collections.abc import Sequence

from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.deploy import cases
from twinshop.lab.experiments.deploy.section import QUESTION, section
from twinshop.lab.experiments.deploy.trial import run_trial
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics.verdict import AGAIN

SITE_SECONDS = 20.0
"""To bring up and remove a site, build the images, notice the bad patch and check the books."""
PART_SECONDS = {cases.RECREATE: 5.0, cases.ROLLING: 11.0}
"""For each process that is deployed."""


class Deploy:
    """Implements `Experiment`."""

    name = cases.NAME
    question = QUESTION

    def plan(self, request: Request) -> Sequence[Spec]:
        specs = cases.specs(request)
        return specs if "docker" in request.runtimes else specs[:1]  # to be skipped, with the reason

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        settings = cases.settings_of(request)
        shape = cases.SHAPES[spec.arm.removesuffix(AGAIN)]
        parts = len(cases.targets(shape, str(spec.factors["patch"])))
        return SITE_SECONDS + settings.base + 2 * settings.after + parts * PART_SECONDS[str(spec.factors["strategy"])]

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        if "docker" not in request.runtimes:
            raise Unsupported("Deploying replaces containers: it needs Docker.")
        patch, strategy = str(spec.factors["patch"]), str(spec.factors["strategy"])
        return run_trial(spec.arm.removesuffix(AGAIN), patch, strategy, cases.settings_of(request), bench)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


EXPERIMENT = Deploy()
