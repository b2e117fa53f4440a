"""One trial: a patch is deployed under load, then a bad one, which is rolled back."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from twinshop.lab.cores import pinned
from twinshop.lab.environments.protocol import Environment, EnvironmentOptions
from twinshop.lab.errors import LabError
from twinshop.lab.experiments.deployment.course import Course, Timestamps
from twinshop.lab.experiments.deployment.design import ROLLING_REPLICAS, SHAPES, Settings, targets
from twinshop.lab.experiments.deployment.figures import outcome
from twinshop.lab.experiments.deployment.options import ROLLING
from twinshop.lab.experiments.deployment.patches import Patched, patched
from twinshop.lab.invariants import attempts_of, check_environment
from twinshop.lab.invariants.checking import PATIENT_CHECKOUT
from twinshop.lab.load.api import BALANCED, LoadPlan, Phase, read_load, start_load
from twinshop.lab.load.checkouts import read_checkouts
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.measurement.load_clock import LoadClock
from twinshop.lab.measurement.steady_load import ready_environment
from twinshop.lab.measurement.versions import VersionWatch
from twinshop.lab.results.trial import Outcome

WARM_SECONDS = 4.0
LOAD_SECONDS = 600.0
"""Longer than any trial; the load is stopped when all has been watched."""
READY_SECONDS = 60.0
"""How long a new replica may take; one that ends five times is given up before."""
PATIENCE_SECONDS = 2.5
"""Of a visitor for one answer."""
MOST_LAG_MS = 25.0
"""Of the generator: what is counted by the second does not need the usual millisecond."""


def run_trial(arm: str, patch: str, strategy: str, settings: Settings, bench: Bench) -> Outcome:
    """Raises Unsupported, LabError (a good patch does not come up), LoadError."""
    shape = SHAPES[arm]
    parts = targets(shape, patch)
    replicas = dict.fromkeys(parts, ROLLING_REPLICAS) if strategy == ROLLING else {}
    options = EnvironmentOptions(cores=bench.shop_cores, replicas=replicas, faults=True, environment=PATIENT_CHECKOUT)
    folder = bench.folder / "load"
    with (
        pinned(bench.load_cores),
        ready_environment(shape, "docker", bench, options) as environment,
        patched(bench.root, patch, parts) as images,
    ):
        old = {part: image.tag for part, image in parts.items()}
        course = _under_load(environment, old, images, strategy, settings, bench, folder)
        checked = check_environment(environment, attempts_of(read_checkouts(folder)))
    return outcome(read_load(folder), course, images, checked)


def _under_load(
    environment: Environment,
    old: Mapping[str, str],
    images: Patched,
    strategy: str,
    settings: Settings,
    bench: Bench,
    folder: Path,
) -> Course:
    plan = LoadPlan(
        environment.url,
        (Phase(LOAD_SECONDS, settings.rate, settings.rate),),
        BALANCED,
        bench.seed,
        timeout_seconds=PATIENCE_SECONDS,
        cores=bench.load_cores,
        max_lag_ms=MOST_LAG_MS,
    )
    rolling = strategy == ROLLING
    with ExitStack() as stack:
        load = start_load(plan, folder)
        stack.callback(load.stop)
        clock = LoadClock(load)
        watch = stack.enter_context(VersionWatch(environment, tuple(old)))
        clock.wait_until(WARM_SECONDS)
        before = {part: codes[0] for part, codes in watch.now().codes.items() if codes}
        base = clock.now()
        clock.wait_until(base + settings.base)

        begun = clock.now()
        started = environment.deploy(images.good, rolling=rolling, seconds=READY_SECONDS)
        done = clock.now()
        clock.wait_until(done + settings.after)
        new = watch.now()

        bad_begun = clock.now()
        noticed = None
        try:
            environment.deploy(images.bad, rolling=rolling, seconds=READY_SECONDS)
        except LabError as error:
            noticed = clock.now()
            bench.say(
                f"    the bad patch was detected after {noticed - bad_begun:.1f} s: {str(error).partition('.')[0]}"
            )
        returning = clock.now()
        environment.deploy(images.good, rolling=rolling, seconds=READY_SECONDS)
        back = clock.now()
        clock.wait_until(back + settings.after)
        returned = watch.now()
        end = clock.now()
        clock.wait_until(end + 1.0)  # for the sessions under way
    marks = Timestamps(base, begun, done, bad_begun, noticed, returning, back, end)
    all_new = all(part in before and codes and before[part] not in codes for part, codes in new.codes.items())
    return Course(marks, clock.moment(0.0), started, watch.samples, before, all_new, returned.codes == new.codes)
