"""The packagings side by side."""

from collections.abc import Sequence

from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.packaging import arms, design
from twinshop.lab.experiments.packaging.container import Container
from twinshop.lab.experiments.packaging.kinds import Artefact, Packaging
from twinshop.lab.experiments.packaging.machine import Machine
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.experiments.packaging.section import QUESTION, section
from twinshop.lab.experiments.packaging.trial import made, run_start
from twinshop.lab.experiments.packaging.venv import Venv
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import AGAIN, Outcome, Spec, Trial


class PackagingExperiment:
    """One component, shipped and started in three ways."""

    name = design.NAME
    question = QUESTION

    def __init__(self) -> None:
        self._kinds: dict[str, Packaging] = {arms.VENV: Venv(), arms.CONTAINER: Container(), arms.MACHINE: Machine()}
        self._made: dict[str, Artefact] = {}

    def plan(self, request: Request) -> Sequence[Spec]:
        return design.specs(request)

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        del request
        return design.expected_seconds(spec)

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        """Each is made once, for all its trials."""
        options, arm = PackagingOptions.of(request.effort, request.options), spec.arm.removesuffix(AGAIN)
        kind = self._kinds[arm]
        if why := kind.missing(options):
            raise Unsupported(f"{spec.arm}: {why}.")
        if arm not in self._made:
            self._made[arm] = made(kind, arm, options, bench)
        return run_start(kind, self._made[arm], bench)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


EXPERIMENT = PackagingExperiment()
