"""Which shops are searched for their capacity, and how thoroughly."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.experiments.scaling.case import (
    ARMS,
    GROWN,
    MONO_AGAIN,
    MONOLITH,
    ONE_EACH,
    PINNED,
    QUOTA,
    Arm,
    Case,
    Limit,
)
from twinshop.lab.experiments.scaling.objective import Objective
from twinshop.lab.experiments.scaling.options import ScalingOptions
from twinshop.lab.experiments.scaling.search import Kind
from twinshop.lab.results.trial import Spec

NAME = ScalingOptions.NAME
FRACTIONS = (0.5, 0.75)
"""Budgets below one processor. A quarter would go to the health checks of the stores and to waiting for the start."""
PROBES = 3.5
"""Of a search, as a rule."""
KINDS: tuple[Kind, Kind] = ("search", "confirm")
LONGEST: Mapping[Kind, int] = {"search": 15, "confirm": 30}
"""Seconds."""
BEGIN_SECONDS, WARM_SECONDS, OVERHEAD_SECONDS, END_SECONDS = 5.0, 8.0, 3.0, 4.0
EXPECTED_RATE: Mapping[Arm, float] = {MONOLITH: 80.0, ONE_EACH: 45.0, GROWN: 45.0}
"""Sessions a second of a processor, roughly."""
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
        hot: mixes with which arms are compared at the largest budget.
        hot_arms: these arms.
        again: arms that are measured once more at the largest budget with the balanced mix (the A/A pair).
        curve_blocks, hot_blocks: how often each of these comparisons is made.
        search, confirm: how long a probe counts: at least so many seconds and sessions.
        tolerance, confirmations, most_probes: of the search.
        ladder: shares of the capacity at which the shop is held once that is found, with the balanced mix and whole
            processors: what a model of the latency below the capacity can be fitted to. Unlike the probes of a search,
            none of them was chosen for its result.
        rung_seconds: how long each of them counts.
    """

    fractions: tuple[float, ...]
    largest: int
    curve: tuple[Arm, ...]
    hot: tuple[str, ...]
    hot_arms: tuple[Arm, ...]
    again: tuple[str, ...]
    curve_blocks: int
    hot_blocks: int
    search: tuple[int, int]
    confirm: tuple[int, int]
    tolerance: float
    confirmations: int
    most_probes: int
    ladder: tuple[float, ...] = ()
    rung_seconds: int = 0


SETTINGS: Mapping[Effort, Settings] = {
    "smoke": Settings(
        fractions=(),
        largest=1,
        curve=(MONOLITH,),
        hot=(),
        hot_arms=(),
        again=(),
        curve_blocks=1,
        hot_blocks=0,
        search=(2, 0),
        confirm=(3, 0),
        tolerance=0.6,
        confirmations=1,
        most_probes=8,
        ladder=(0.5,),
        rung_seconds=2,
    ),
    "quick": Settings(
        fractions=(),
        largest=LARGEST,
        curve=(),
        hot=("catalog-hot",),
        hot_arms=(MONOLITH, GROWN),
        again=(),
        curve_blocks=0,
        hot_blocks=1,
        search=(3, 100),
        confirm=(6, 250),
        tolerance=0.15,
        confirmations=1,
        most_probes=12,
    ),
    "full": Settings(
        fractions=FRACTIONS,
        largest=LARGEST,
        curve=(MONOLITH, ONE_EACH),
        hot=("catalog-hot", "checkout-hot", "translate-heavy"),
        hot_arms=tuple(ARMS),
        again=(MONO_AGAIN,),
        curve_blocks=5,
        hot_blocks=5,
        search=(4, 100),
        confirm=(8, 500),
        tolerance=0.08,
        confirmations=3,
        most_probes=24,
        ladder=(0.3, 0.5, 0.7, 0.85),
        rung_seconds=8,
    ),
}


def budgets(settings: Settings, processors: int) -> list[tuple[float, Limit]]:
    """
    Fractions of a processor and all of one, as quotas; then 1, 2, … pinned, up to what the machine has.

    One processor comes twice, so that growth from a fraction to it does not compare a quota with pinning.
    """
    quotas: list[tuple[float, Limit]] = [(each, QUOTA) for each in (*settings.fractions, 1.0) if settings.fractions]
    return [*quotas, *((float(each), PINNED) for each in range(1, min(processors, settings.largest) + 1))]


def specs(request: Request, processors: int) -> list[Spec]:
    """
    All trials; a block holds the arms of one budget and mix.

    Args:
        request: its first runtime is measured: with Docker there are budgets.
        processors: of the shop; the load generator has one of its own.
    """
    settings = SETTINGS[request.effort]
    sizes = budgets(settings, processors)
    curve: list[tuple[str, tuple[float, Limit], tuple[str, ...]]] = [
        (
            "balanced",
            size,
            (*(settings.curve if size[0] <= 1 else ARMS), *(settings.again if size == sizes[-1] else ())),
        )
        for size in sizes
        if settings.curve
    ]
    hot: list[tuple[str, tuple[float, Limit], tuple[str, ...]]] = [
        (mix, sizes[-1], settings.hot_arms) for mix in settings.hot
    ]
    cells = curve * (request.repeats or settings.curve_blocks) + hot * (request.repeats or settings.hot_blocks)
    return [
        Spec(NAME, arm, block, {"runtime": request.runtimes[0], "mix": mix, "cpus": cpus, "limit": limit})
        for block, (mix, (cpus, limit), arms) in enumerate(cells)
        for arm in arms
    ]


def objective(request: Request) -> Objective:
    """Raises UsageError: an option is wrong."""
    return Objective(**ScalingOptions.of(request.effort, request.options).model_dump())


def rungs(case: Case, settings: Settings) -> tuple[float, ...]:
    """The shares of its capacity at which a case is held; a quota stops everybody for a while, so none with a part."""
    return settings.ladder if case.pinned and case.mix == "balanced" else ()


def probe_seconds(kind: Kind, rate: float, settings: Settings) -> int:
    """How long a probe counts: at a low rate longer, within limits."""
    seconds, sessions = settings.confirm if kind == "confirm" else settings.search
    return max(seconds, min(LONGEST[kind], ceil(sessions / rate)))


def expected_seconds(case: Case, settings: Settings) -> float:
    """Of a trial in which nothing goes wrong: three or four probes are the rule."""
    begin = BEGIN_SECONDS + (START_CPU_SECONDS[case.arm] / case.cpus if case.runtime == "docker" else 0) + WARM_SECONDS
    rate = case.cpus * EXPECTED_RATE[case.arm]
    search, confirm = (OVERHEAD_SECONDS + probe_seconds(kind, rate, settings) for kind in KINDS)
    probes, confirmations = PROBES * search, settings.confirmations * confirm
    ladder = len(rungs(case, settings)) * (OVERHEAD_SECONDS + settings.rung_seconds)
    return begin * (2 if case.arm == GROWN else 1) + probes + confirmations + ladder + END_SECONDS
