"""Make a packaging, and run one trial of it: start it, and look at what it takes until it answers."""

import secrets
import time
from dataclasses import asdict

from twinshop.lab import repository
from twinshop.lab.cores import busy_seconds, pinned
from twinshop.lab.environments.sources import changed_line, copied
from twinshop.lab.experiments.packaging import isolation
from twinshop.lab.experiments.packaging.design import NAME
from twinshop.lab.experiments.packaging.first_answer import engine_answer, first_right_answer
from twinshop.lab.experiments.packaging.kinds import Artefact, Packaging, Workshop
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Outcome

START_SECONDS, ENGINE_SECONDS = 120.0, 90.0
MOST_OTHERS = 0.4
"""Share of the processors that others may have until the first answer; the engine that starts a container is one."""
IDLE_SECONDS = 1.0
"""Between the first answer and the look at the memory."""


def run_start(kind: Packaging, artefact: Artefact, bench: Bench) -> Outcome:
    """Start what was made, once."""
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


def made(kind: Packaging, arm: str, options: PackagingOptions, bench: Bench) -> Artefact:
    """Make it, and start it once without measuring: every trial finds its files in memory."""
    folder = repository.folder(bench.root, NAME)
    bench.say(f"Making the {arm} …")
    with (
        repository.locked(folder / "lock"),
        copied(bench.root) as sources,
        changed_line(sources, "translate", secrets.token_hex(8)),
    ):
        artefact = kind.prepare(Workshop(bench.root, sources, folder, options))
    with kind.start(artefact, bench) as started:
        first_right_answer(started.url, START_SECONDS, started.ended)
    return artefact
