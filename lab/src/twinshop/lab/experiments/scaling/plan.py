"""Which shops are searched for their capacity, and how thoroughly."""

from collections.abc import Mapping
from dataclasses import dataclass

from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.experiments.scaling.case import ARMS, GROWN, MONOLITH, ONE_EACH, Arm, Case
from twinshop.lab.experiments.scaling.objective import Objective
from twinshop.lab.results.trial import Spec

NAME = "scaling"
OPTIONS: Mapping[str, str] = {"percent": "95", "latency_ms": "200", "error_ratio": "0.001"}
"""The objective, as in `twinshop.lab.experiments.scaling.objective`."""
FRACTIONS = (0.25, 0.5)
"""Budgets below one processor."""
PERCENTS = ("95", "99")
BEGIN_SECONDS, WARM_SECONDS, OVERHEAD_SECONDS, END_SECONDS = 5.0, 8.0, 3.5, 4.0
START_CPU_SECONDS: Mapping[Arm, float] = {MONOLITH: 4.0, ONE_EACH: 8.0, GROWN: 10.0}
"""What a start takes of the budget."""
LARGEST = 4
"""Processors of the largest budget: one load generator cannot be trusted to saturate more."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How much is measured.

    Attributes:
        fractions: budgets below one processor; the whole ones come from the machine.
        largest: processors of the largest budget, where the machine has as many.
        curve: arms whose capacity is measured over all budgets, with the balanced mix.
        hot: mixes with which all arms are compared at the largest budget.
        blocks: how often each comparison is made.
        warm_seconds: of a probe, before it counts.
        probe_seconds, confirm_seconds: of a probe of the search, and of a confirmation.
        tolerance, confirmations, most_probes: of the search.
    """

    fractions: tuple[float, ...]
    largest: int
    curve: tuple[Arm, ...]
    hot: tuple[str, ...]
    blocks: int
    warm_seconds: int
    probe_seconds: int
    confirm_seconds: int
    tolerance: float
    confirmations: int
    most_probes: int


SETTINGS: Mapping[Effort, Settings] = {
    "smoke": Settings(
        fractions=(),
        largest=1,
        curve=(MONOLITH,),
        hot=(),
        blocks=1,
        warm_seconds=1,
        probe_seconds=2,
        confirm_seconds=3,
        tolerance=0.6,
        confirmations=1,
        most_probes=8,
    ),
    "quick": Settings(
        fractions=(),
        largest=LARGEST,
        curve=(),
        hot=("catalog-hot",),
        blocks=1,
        warm_seconds=1,
        probe_seconds=4,
        confirm_seconds=8,
        tolerance=0.12,
        confirmations=1,
        most_probes=12,
    ),
    "full": Settings(
        fractions=FRACTIONS,
        largest=LARGEST,
        curve=(MONOLITH, ONE_EACH),
        hot=("catalog-hot", "checkout-hot", "translate-heavy"),
        blocks=2,
        warm_seconds=1,
        probe_seconds=5,
        confirm_seconds=12,
        tolerance=0.06,
        confirmations=1,
        most_probes=16,
    ),
}


def budgets(settings: Settings, processors: int) -> list[float]:
    """Fractions of a processor, then 1, 2, … up to what the machine has."""
    return [*settings.fractions, *(float(each) for each in range(1, min(processors, settings.largest) + 1))]


def specs(request: Request, processors: int) -> list[Spec]:
    """
    All trials; a block holds the arms of one budget and mix.

    Args:
        request: its first runtime is measured: with Docker there are budgets.
        processors: of the shop; the load generator has one of its own.
    """
    settings = SETTINGS[request.effort]
    sizes = budgets(settings, processors)
    cells = [("balanced", cpus, settings.curve if cpus <= 1 else tuple(ARMS)) for cpus in sizes if settings.curve]
    cells += [(mix, sizes[-1], tuple(ARMS)) for mix in settings.hot]
    planned: list[Spec] = []
    for _ in range(request.repeats or settings.blocks):
        for mix, cpus, arms in cells:
            block = planned[-1].block + 1 if planned else 0
            factors: dict[str, str | float] = {"runtime": request.runtimes[0], "mix": mix, "cpus": cpus}
            planned += [Spec(NAME, arm, block, factors) for arm in arms]
    return planned


def objective(request: Request) -> Objective:
    """Raises DeploymentError for an option that is wrong."""
    options = request.options_of(NAME, OPTIONS)
    try:
        chosen = Objective(int(options["percent"]), float(options["latency_ms"]), float(options["error_ratio"]))
    except ValueError as error:
        raise DeploymentError(f"The objective of scaling takes numbers: {error}.") from error
    if str(chosen.percent) not in PERCENTS or not chosen.latency_ms > 0 or not 0 <= chosen.error_ratio < 1:
        raise DeploymentError(
            f"The objective of scaling is p{' or p'.join(PERCENTS)}, above 0 ms, and an error ratio from 0 to 1."
        )
    return chosen


def expected_seconds(case: Case, settings: Settings) -> float:
    """Of a trial in which nothing goes wrong: three or four probes are the rule."""
    begin = BEGIN_SECONDS + (START_CPU_SECONDS[case.arm] / case.cpus if case.runtime == "docker" else 0) + WARM_SECONDS
    probes = 4 * (OVERHEAD_SECONDS + settings.warm_seconds + settings.probe_seconds)
    confirmations = settings.confirmations * (OVERHEAD_SECONDS + settings.warm_seconds + settings.confirm_seconds)
    return begin * (2 if case.arm == GROWN else 1) + probes + confirmations + END_SECONDS
