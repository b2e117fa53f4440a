"""The packagings side by side."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict

from twinshop.lab import repository
from twinshop.lab.cores import busy_seconds, pinned
from twinshop.lab.environments.sources import changed_line, copied
from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.packaging import arms, isolation
from twinshop.lab.experiments.packaging.container import Container
from twinshop.lab.experiments.packaging.first_answer import engine_answer, first_right_answer
from twinshop.lab.experiments.packaging.kinds import Artefact, Packaging, Workshop
from twinshop.lab.experiments.packaging.machine import Machine
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.experiments.packaging.section import NAME, QUESTION, section
from twinshop.lab.experiments.packaging.venv import Venv
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import AGAIN, Outcome, Spec, Trial

BLOCKS = {"smoke": 1, "quick": 1, "full": 10}
SECONDS = {arms.VENV: 5.0, arms.VENV_AGAIN: 5.0, arms.CONTAINER: 7.0, arms.MACHINE: 25.0}
"""Of a trial, about; of a machine that is emulated."""
PREPARE_SECONDS = 15.0
START_SECONDS, ENGINE_SECONDS = 120.0, 90.0
MOST_OTHERS = 0.4
"""Share of the processors that others may have until the first answer; the engine that starts a container is one."""
IDLE_SECONDS = 1.0
"""Between the first answer and the look at the memory."""


class PackagingExperiment:
    """One component, shipped and started in three ways."""

    name = NAME
    question = QUESTION

    def __init__(self) -> None:
        self._kinds: dict[str, Packaging] = {arms.VENV: Venv(), arms.CONTAINER: Container(), arms.MACHINE: Machine()}
        self._kinds[arms.VENV_AGAIN] = self._kinds[arms.VENV]
        self._made: dict[str, Artefact] = {}

    def plan(self, request: Request) -> Sequence[Spec]:
        PackagingOptions.of(request.effort, request.options)
        blocks = range(request.repeats or BLOCKS[request.effort])
        wanted = [arms.VENV, *([arms.VENV_AGAIN] if request.effort == "full" else [])]
        wanted += [arms.CONTAINER, arms.MACHINE] if "docker" in request.runtimes else []
        return [Spec(NAME, arm, block) for block in blocks for arm in wanted]

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        del request
        return SECONDS[spec.arm] + (PREPARE_SECONDS if spec.block == 0 else 0.0)

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        options, kind = PackagingOptions.of(request.effort, request.options), self._kinds[spec.arm]
        if why := kind.missing(options):
            raise Unsupported(f"{spec.arm}: {why}.")
        artefact = self._artefact(spec.arm.removesuffix(AGAIN), options, bench)
        figures: dict[str, float] = {**artefact.bytes, "build_s": artefact.build_seconds}
        before = busy_seconds(bench.shop_cores)
        with kind.start(artefact, bench) as started, pinned(bench.load_cores):
            answered = first_right_answer(started.url, START_SECONDS, started.ended)
            busy = busy_seconds(bench.shop_cores) - before
            figures["first_answer_s"] = answered - started.since
            figures["first_answer_cpu_s"] = started.cpu_seconds()
            time.sleep(IDLE_SECONDS)
            figures |= started.memory()
            facts = isolation.look(started, bench.folder)
            engine = engine_answer(started.url, ENGINE_SECONDS)
            if engine is not None:
                figures["engine_answer_s"] = engine
                figures |= {f"engine_{name}": value for name, value in started.memory().items()}
        others = (busy - figures["first_answer_cpu_s"]) / (figures["first_answer_s"] * len(bench.shop_cores))
        void = f"something else used {others:.0%} of its processors while it started" if others > MOST_OTHERS else None
        return Outcome(figures, {"artefact": asdict(artefact), "isolation": facts, "others_ratio": others}, void)

    def _artefact(self, arm: str, options: PackagingOptions, bench: Bench) -> Artefact:
        """Made once for all trials, and started once without measuring: every trial finds its files in memory."""
        if arm in self._made:
            return self._made[arm]
        folder = repository.folder(bench.root, NAME)
        kind = self._kinds[arm]
        bench.say(f"Making the {arm} …")
        with (
            repository.locked(folder / "lock"),
            copied(bench.root) as sources,
            changed_line(sources, "translate", _token()),
        ):
            artefact = kind.prepare(Workshop(bench.root, sources, folder, options))
        with kind.start(artefact, bench) as started:
            first_right_answer(started.url, START_SECONDS, started.ended)
        self._made[arm] = artefact
        return artefact

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        return section(trials, skipped)


def _token() -> str:
    return secrets.token_hex(8)


EXPERIMENT = PackagingExperiment()
