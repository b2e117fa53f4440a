"""
The experiment `scaling`: how much a shop carries, and what growing it brings.

- `plan`, `case`: which cells are measured, and how thoroughly; one of them: its arm, mix and budget.
- `search`: the search for a capacity, a pure function of what a probe says.
- `objective`: whether a shop held at a rate kept its objective.
- `probing`, `run`: the probes of a site; one trial.
- `cells`, `growth`, `comparing`: the trials sorted; what more processors bring; the arms against each other.
- `tables`, `plots`, `section`: the part of the report.
"""

from collections.abc import Sequence

from twinshop.lab.cores import divided
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.scaling import plan
from twinshop.lab.experiments.scaling.case import Case
from twinshop.lab.experiments.scaling.run import run_case
from twinshop.lab.experiments.scaling.section import QUESTION, section
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Outcome, Spec, Trial


class Scaling:
    """Implements `Experiment`."""

    name = plan.NAME
    question = QUESTION

    def plan(self, request: Request) -> Sequence[Spec]:
        plan.objective(request)  # a wrong option is told now, not in the middle of a run
        shop_cores, _ = divided()
        return plan.specs(request, len(shop_cores))

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        return plan.expected_seconds(Case.of(spec), plan.SETTINGS[request.effort])

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        return run_case(Case.of(spec), plan.SETTINGS[request.effort], plan.objective(request), bench)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


EXPERIMENT = Scaling()
