"""Failure isolation as an experiment of the lab: which trials there are, and what is run in each."""

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import Environment, EnvironmentOptions, Runtime
from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.isolation import design
from twinshop.lab.experiments.isolation.groups import ARMS, MONO_AGAIN
from twinshop.lab.experiments.isolation.record import outcome
from twinshop.lab.experiments.isolation.settings import NAME, settings_of
from twinshop.lab.experiments.isolation.trial import FaultSequence, run_fault_sequence
from twinshop.lab.invariants.checking import PATIENT_CHECKOUT
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.measurement.steady_state import Unhealthy
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import AGAIN, Outcome, Spec, Trial
from twinshop.lab.shapes import parse

READY_SECONDS = 180.0
MEMORY_BYTES = 2**30
"""Of all processes of the shop together, in a series with a leak: each has the same part of it."""
SITE_SECONDS: Mapping[tuple[str, str], float] = {
    ("local", "mono"): 14,
    ("local", "micro"): 20,
    ("docker", "mono"): 30,
    ("docker", "micro"): 40,
    ("cluster", "mono"): 90,
    ("cluster", "micro"): 120,
}
"""To deploy an environment, warm it up, check its books and remove it; on a cluster an estimate."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """A trial is a series of faults in one shape, on one environment as long as it survives them."""

    name: str = NAME
    question: str = "When one component fails, what else fails with it, and for how long?"

    def plan(self, request: Request) -> Sequence[Spec]:
        runtime = request.runtimes[0] if request.effort == "full" else request.runtimes[-1]
        series = settings_of(request).series
        # one component a block is enough to see the noise, each in its turn: all of them would take half as long again
        again = {block: (block + 1) % len(series) for block in range(request.repeats or 1) if request.effort == "full"}
        return [
            Spec(self.name, arm, block * len(series) + at, {"runtime": runtime, "faults": design.as_text(cells)})
            for block in range(request.repeats or 1)
            for at, cells in enumerate(series)
            for arm in (*ARMS, *((MONO_AGAIN,) if again.get(block) == at else ()))
        ]

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        settings = settings_of(request)
        cells = design.from_text(str(spec.factors["faults"]))
        each = settings.seconds(cells) + len(cells) + settings.base
        return each + SITE_SECONDS[str(spec.factors["runtime"]), spec.arm.removesuffix(AGAIN)]

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        settings = settings_of(request)
        cells = design.from_text(str(spec.factors["faults"]))
        random.Random(bench.seed).shuffle(cells)  # noqa: S311 - must be repeatable, and the same for both arms
        runtime = cast("Runtime", spec.factors["runtime"])
        variables = {**PATIENT_CHECKOUT, "TWINSHOP_CALL_RETRIES": str(settings.retries)}
        cores = None if runtime == "cluster" else bench.shop_cores  # the nodes are other machines
        options = EnvironmentOptions(cores=cores, faults=True, environment=variables)
        sequences: list[FaultSequence] = []
        while cells:
            folder = bench.folder / f"site-{len(sequences)}"
            with open_environment(
                parse(spec.arm.removesuffix(AGAIN)), runtime, bench.root, folder, options
            ) as environment:
                environment.create()
                environment.start()
                environment.wait_ready(READY_SECONDS)
                if any(cell.fault == "leak" for cell in cells):
                    limit_memory(environment)
                sequence = run_fault_sequence(cells, environment, settings, bench, folder / "load")
            if not sequence.cells:
                raise Unhealthy(f"A new environment is not healthy: {sequence.sick}.")
            sequences.append(sequence)
            cells = cells[sequence.cells :]
            if sequence.sick:
                bench.say(
                    f"Not healthy in time: {sequence.sick}." + (" A new environment replaces it." if cells else "")
                )
        return outcome(sequences, settings)

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        from twinshop.lab.experiments.isolation.section import section  # noqa: PLC0415 - draws, and takes a second

        return section(self.question, trials, skipped)


def limit_memory(environment: Environment) -> None:
    """Give each process its part of the same total, so that a leak comes to an end; not where it cannot be done."""
    with suppress(Unsupported):
        for process in environment.shape.processes:
            environment.limit(process.name, memory_bytes=MEMORY_BYTES // len(environment.shape.processes))


EXPERIMENT = Isolation()
