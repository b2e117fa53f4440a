"""The experiment, put together from its parts."""

from collections.abc import Sequence

from twinshop.lab.cores import divided
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.scaling import design
from twinshop.lab.experiments.scaling.case import Case
from twinshop.lab.experiments.scaling.section import QUESTION, section
from twinshop.lab.experiments.scaling.trial import run_case
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Outcome, Spec, Trial


class Scaling:
    """Implements `Experiment`."""

    name = design.NAME
    question = QUESTION

    def plan(self, request: Request) -> Sequence[Spec]:
        design.objective(request)  # a wrong option is told now, not in the middle of a run
        shop_cores, _ = divided()
        return design.specs(request, len(shop_cores))

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        return design.expected_seconds(Case.of(spec), design.SETTINGS[request.effort])

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        return run_case(Case.of(spec), design.SETTINGS[request.effort], design.objective(request), bench)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


EXPERIMENT = Scaling()
