"""
One environment under one load: as many faults of a series as it survives.

The load is one load from the first fault to the last, so that a shop keeps between them what it would keep:
connections, breakers, what its databases have in memory.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.fault_trial import FaultTrial, run_fault_trial
from twinshop.lab.experiments.isolation.settings import Settings
from twinshop.lab.invariants import CartSeen, Checked, attempts_of, check_environment
from twinshop.lab.invariants.witness import CartWitness
from twinshop.lab.load.api import BALANCED, LoadPlan, LoadResult, Phase, read_load, start_load
from twinshop.lab.load.checkouts import read_checkouts
from twinshop.lab.load.products import read_products
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.measurement.load_clock import LoadClock
from twinshop.lab.measurement.steady_state import Unhealthy, settle
from twinshop.lab.statistics.failure import IN_A_ROW

WARM_SECONDS = 3.0
"""Nothing counts for so long after a load has begun."""
MOST_LAG_MS = 25.0
"""Of the generator in each window of a fault: a millisecond does not matter to what is counted by the second."""
LAST_SECONDS = 1.0
"""For the sessions that are under way when all has been watched."""
BETWEEN_SECONDS, SPARE_SECONDS = 2.0, 30.0
"""For each fault, and in all: a load is planned longer than its faults take, and stopped after the last of them."""


@dataclass(slots=True)
class FaultSequence:
    """
    The results of one environment.

    Attributes:
        trials: the faults that were injected, in order.
        cannot: those that this runtime cannot inject, and why.
        load: what its load measured; None if it never began.
        checked: the invariants at its end.
        sick: why it was given up before its time, if it was.
    """

    trials: list[FaultTrial] = field(default_factory=list)
    cannot: list[tuple[Cell, str]] = field(default_factory=list)
    load: LoadResult | None = None
    checked: Checked = field(default_factory=Checked)
    sick: str | None = None

    @property
    def cells(self) -> int:
        """How many cells of the series it has dealt with."""
        return len(self.trials) + len(self.cannot)


def run_fault_sequence(
    cells: Sequence[Cell], environment: Environment, settings: Settings, bench: Bench, folder: Path
) -> FaultSequence:
    """
    Inject the faults in this order until the environment is unhealthy.

    Args:
        cells: at least one.
        environment: ready, and without earlier orders.
        settings: of the experiment.
        bench: of the trial.
        folder: for the load.

    Raises:
        LoadError: the generator failed.
    """
    length = settings.seconds(cells) + BETWEEN_SECONDS * len(cells) + WARM_SECONDS + SPARE_SECONDS
    plan = LoadPlan(
        environment.url,
        (Phase(length, settings.rate, settings.rate),),
        BALANCED,
        bench.seed,
        timeout_seconds=settings.patience,
        cores=bench.load_cores,
        max_lag_ms=MOST_LAG_MS,
    )
    sequence = FaultSequence()
    witness = CartWitness(environment.url, list(read_products(environment.url).products))
    with ExitStack() as stack:
        load = start_load(plan, folder)
        stack.callback(load.stop)
        clock = LoadClock(load)
        stack.enter_context(witness)
        clock.wait_until(WARM_SECONDS)
        try:
            for cell in cells:
                _next(sequence, cell, environment, settings, clock, length, bench.seed)
            settle(environment, clock, max(settings.base, IN_A_ROW + 1))  # so that its recovery can be seen
        except Unhealthy as error:
            sequence.sick = str(error)
        _watched(sequence.trials, clock.now())
        clock.wait_until(clock.now() + LAST_SECONDS)
    sequence.load = read_load(folder)
    sequence.checked = check_environment(environment, attempts_of(read_checkouts(folder)), _seen(witness))
    return sequence


def _next(
    sequence: FaultSequence,
    cell: Cell,
    environment: Environment,
    settings: Settings,
    clock: LoadClock,
    length: float,
    seed: int,
) -> None:
    """Run the next fault trial. Raises Unhealthy."""
    windows = settings.windows(cell)
    if clock.now() + windows.seconds + settings.base > length:
        raise Unhealthy("its load ended")
    try:
        trial = run_fault_trial(cell, windows, environment, clock, seed, settings.share)
    except Unsupported as error:
        sequence.cannot.append((cell, str(error)))
        return
    _watched(sequence.trials, trial.marks.injecting - 1)  # what was due later may have met the next one
    sequence.trials.append(trial)


def _watched(trial: Sequence[FaultTrial], until: float) -> None:
    """The last fault was observed for longer: until the next was injected."""
    if trial:
        trial[-1].marks = replace(trial[-1].marks, end=until)


def _seen(witness: CartWitness) -> list[CartSeen]:
    try:
        return witness.look()
    except LabError:
        return []  # I6 is then unchecked
