"""Which starts are made, and what is kept of them."""

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import Environment, EnvironmentOptions, Runtime
from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.experiments.startup import trial
from twinshop.lab.experiments.startup.options import StartupOptions
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.shapes import COMPONENTS, parse

ARMS = {"mono": "mono", "micro": "micro", "mono again": "mono"}
"""`mono again` is the same as `mono`: what is found between the two is noise."""
WARM_STARTS: Mapping[Effort, int] = {"smoke": 1, "quick": 1, "full": 3}
"""Starts of one environment with filled stores, after the cold one."""
BLOCKS: Mapping[Effort, int] = {"smoke": 1, "quick": 1, "full": 10}
IDLE_SECONDS = 1.0
"""Between the first order and the look at the memory."""
EXPECTED_SECONDS = {("local", "mono"): 14, ("local", "micro"): 46, ("docker", "mono"): 22, ("docker", "micro"): 35}
"""With three warm starts."""
STARTED = ("ready_s", "first_page_s", "first_order_s", "cpu_s")
DROP_CACHES = Path("/proc/sys/vm/drop_caches")


@dataclass(frozen=True, slots=True)
class Startup:
    """A trial is one environment: a cold start, warm starts, and the restart of each process."""

    name: str = "startup"
    question: str = "How long does the shop take to start, and which phase takes the time?"

    def plan(self, request: Request) -> Sequence[Spec]:
        StartupOptions.of(request.effort, request.options)  # it has none
        blocks = BLOCKS[request.effort]
        if request.repeats is not None:
            blocks = -(-request.repeats // WARM_STARTS[request.effort])
        arms = [arm for arm in ARMS if request.effort == "full" or arm != "mono again"]
        # Docker comes first: it is what a lesson wants to see, and the local runtime what is quickest
        runtimes = {"full": request.runtimes, "quick": request.runtimes[:1], "smoke": request.runtimes[-1:]}
        return [
            Spec(self.name, arm, at * blocks + block, {"runtime": runtime})
            for at, runtime in enumerate(runtimes[request.effort])
            for block in range(blocks)
            for arm in arms
        ]

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        three = EXPECTED_SECONDS[str(spec.factors["runtime"]), ARMS[spec.arm]]
        return three * (1 + WARM_STARTS[request.effort]) / 4

    def run(self, spec: Spec, request: Request, bench: Bench) -> Outcome:
        runtime: Runtime = "docker" if spec.factors["runtime"] == "docker" else "local"
        # bytecode of this environment alone: none at the cold start, all of it at the others (images bring their own)
        bytecode = {"PYTHONPYCACHEPREFIX": str(bench.folder / "bytecode")} if runtime == "local" else {}
        options = EnvironmentOptions(cores=bench.shop_cores, environment=bytecode)
        with open_environment(parse(ARMS[spec.arm]), runtime, bench.root, bench.folder, options) as environment:
            environment.create()
            dropped = drop_caches()
            cold = trial.watch(environment)
            warm = []
            for _ in range(WARM_STARTS[request.effort]):
                environment.stop()
                warm.append(trial.watch(environment))
            memory = idle_memory(environment)
            parts = {
                process.name: restart_seconds(environment, process.name) for process in environment.shape.processes
            }
            restarts = {component: parts[environment.hosts(component)] for component in COMPONENTS}
        figures = {f"cold_{name}": cold[name] for name in STARTED}
        figures |= {f"warm_{name}": statistics.median(start[name] for start in warm) for name in STARTED}
        figures |= {f"restart_{component}_s": seconds for component, seconds in restarts.items()}
        return Outcome({**figures, **memory}, {"cold": cold, "warm": warm, "caches_dropped": dropped})

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
        from twinshop.lab.experiments.startup.section import section  # noqa: PLC0415 - draws, and takes a second to load

        return section(self.question, trials, skipped)


def drop_caches() -> bool:
    """Make the kernel forget the files it has in memory; only root may, so a cold start may be one from warm files."""
    if not os.access(DROP_CACHES, os.W_OK):
        return False
    os.sync()
    try:
        DROP_CACHES.write_text("3\n", encoding="ascii")
    except OSError:
        return False
    return True


def idle_memory(environment: Environment) -> dict[str, float]:
    """Bytes of the shop's own processes, and with its stores."""
    trial.pause(IDLE_SECONDS)
    usage = environment.usage()
    own = {process.name for process in environment.shape.processes}
    return {
        "idle_memory_bytes": float(sum(used.memory_bytes for part, used in usage.items() if part in own)),
        "idle_memory_with_stores_bytes": float(sum(used.memory_bytes for used in usage.values())),
    }


def restart_seconds(environment: Environment, part: str) -> float:
    """From the order to restart it until it is ready again."""
    since = perf_counter()
    environment.restart(part)
    trial.wait_part(environment, part)
    return perf_counter() - since


EXPERIMENT = Startup()
