"""
The experiment `tax`: what it costs to divide the shop, and what that buys.

- `splits`: the 52 ways to divide it into processes.
- `plan`: which of them are compared, and the options.
- `run`, `calls`: one trial; the calls that the store front made.
- `blast`, `measured`: what a crash takes along, by reasoning, and as the isolation experiment saw it.
- `counting`: what CPU time is, by what is counted. `steadiness`: what the steady-state gate could see.
- `costs`, `frontier`: the trials as points; cost against blast radius.
- `comparing`, `tables`, `plots`, `section`: the part of the report.
"""

from collections.abc import Sequence

from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.tax import plan
from twinshop.lab.experiments.tax.measured import ISOLATION
from twinshop.lab.experiments.tax.run import affordable_rate, run_split
from twinshop.lab.experiments.tax.section import QUESTION, section
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Outcome, Spec, Trial


class Tax:
    """Implements `Experiment`. Keeps the rate that it found out, so that all trials of a run get the same."""

    name = plan.NAME
    question = QUESTION
    also_reads = (ISOLATION,)

    def __init__(self) -> None:
        self._rates: dict[tuple[Runtime, str], float] = {}

    def plan(self, request: Request) -> Sequence[Spec]:
        self._rates.clear()
        return plan.specs(request)

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        return plan.expected_seconds(spec, plan.chosen(request).settings)

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        runtime: Runtime = "docker" if spec.factors["runtime"] == "docker" else "local"
        mix = str(spec.factors["mix"])
        choice = plan.chosen(request)
        given = choice.rate
        if given is None and (runtime, mix) not in self._rates:
            self._rates[runtime, mix] = affordable_rate(runtime, mix, bench)
            bench.say(f"    all arms get {self._rates[runtime, mix]:g} sessions/s")
        rate = self._rates[runtime, mix] if given is None else given
        return run_split(spec.arm, runtime, mix, rate, choice.settings, bench)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


EXPERIMENT = Tax()
