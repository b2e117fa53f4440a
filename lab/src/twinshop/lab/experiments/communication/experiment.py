"""The experiment, put together from its parts."""

from collections.abc import Sequence

from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.communication import design
from twinshop.lab.experiments.communication.measured import ISOLATION
from twinshop.lab.experiments.communication.section import QUESTION, section
from twinshop.lab.experiments.communication.trial import affordable_rate, run_split
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Outcome, Spec, Trial


class Tax:
    """Implements `Experiment`. Keeps the rate that it found out, so that all trials of a run get the same."""

    name = design.NAME
    question = QUESTION
    also_reads = (ISOLATION,)

    def __init__(self) -> None:
        self._rates: dict[tuple[Runtime, str, float], float] = {}

    def plan(self, request: Request) -> Sequence[Spec]:
        self._rates.clear()
        return design.specs(request)

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        return design.expected_seconds(spec, design.chosen(request).settings)

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        runtime: Runtime = "docker" if spec.factors["runtime"] == "docker" else "local"
        mix = str(spec.factors["mix"])
        choice = design.chosen(request)
        work = float(spec.factors.get(design.WORK, 0.0))
        rate, cell = choice.rate, (runtime, mix, work)
        if rate is None and cell not in self._rates:
            self._rates[cell] = affordable_rate(runtime, mix, work, bench)
            bench.say(f"    all arms get {self._rates[cell]:g} sessions/s")
        rate = self._rates[cell] if rate is None else rate
        return run_split(spec.arm, runtime, mix, rate, work, choice.settings, bench)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


EXPERIMENT = Tax()
