"""A shop under a constant arrival rate: the step of a capacity search, and a comparison of costs."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from twinshop.lab.cores import busy_seconds
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import Environment, EnvironmentOptions, Runtime
from twinshop.lab.load.api import LoadPlan, Phase, RunningLoad, start_load
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.measurement.energy import counters
from twinshop.lab.measurement.steady_load_result import Reading, SteadyLoadResult, evaluate
from twinshop.lab.shapes import Shape

PREPARE_SECONDS = 60.0
PATIENCE_SECONDS = 3.0
"""As many sessions as arrive within this time may be under way; a shop that needs more is overloaded, the rest drop."""
FEWEST_IN_FLIGHT = 30
DRAIN_SECONDS = 10.0
READY_SECONDS = 240.0
"""A quarter of a processor takes its time."""


@dataclass(frozen=True, slots=True)
class SteadyLoad:
    """
    What is set.

    Attributes:
        rate: sessions a second.
        warm_seconds: before anything counts; whole seconds, as all windows of a load.
        seconds: those that count.
        mix, seed: as of a load.
        load_cores: processors of the load generator.
        shop_cores: those of the shop, to tell what else uses them.
    """

    rate: float
    warm_seconds: int
    seconds: int
    mix: Mapping[str, float]
    seed: int
    load_cores: tuple[int, ...]
    shop_cores: tuple[int, ...]


@contextmanager
def ready_environment(
    shape: Shape, runtime: Runtime, bench: Bench, options: EnvironmentOptions, name: str = "site"
) -> Iterator[Environment]:
    """
    An environment on which everything is ready; it is removed at the end. Its folder is `name` in that of the trial.

    Raises:
        Unsupported: the runtime cannot do it.
        ProvisionError: it does not become ready.
    """
    with open_environment(shape, runtime, bench.root, bench.folder / name, options) as environment:
        environment.create()
        environment.start()
        environment.wait_ready(READY_SECONDS)
        yield environment


def hold(environment: Environment, settings: SteadyLoad, folder: Path) -> SteadyLoadResult:
    """Load an environment that is ready. What the load records stays in `folder`."""
    total = settings.warm_seconds + settings.seconds
    plan = LoadPlan(
        environment.url,
        (Phase(total, settings.rate, settings.rate),),
        settings.mix,
        settings.seed,
        max_in_flight=max(FEWEST_IN_FLIGHT, ceil(PATIENCE_SECONDS * settings.rate)),
        cores=settings.load_cores,
        drain_seconds=DRAIN_SECONDS,
    )
    load = start_load(plan, folder)
    try:
        before = _reading(environment, load, settings.warm_seconds, settings.shop_cores)
        after = _reading(environment, load, total, settings.shop_cores)
        result = load.wait()
    finally:
        load.stop()
    return evaluate(result, settings.warm_seconds, before, after, len(settings.shop_cores))


def _reading(environment: Environment, load: RunningLoad, second: float, cores: tuple[int, ...]) -> Reading:
    """The meters at that second of the load."""
    give_up = time.monotonic() + PREPARE_SECONDS + second
    while (left := second - load.seconds()) > 0 and time.monotonic() < give_up:
        time.sleep(min(left, 0.2))
    return Reading(time.perf_counter(), environment.usage(), environment.total(), busy_seconds(cores), counters())
