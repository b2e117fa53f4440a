"""Which shops are searched for their capacity: arms, budgets, mixes, and how long everything takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from twinshop.lab.deployment.shape import MICRO, MONO, Shape
from twinshop.lab.deployment.site import SiteOptions
from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.results.trial import Spec

NAME = "scaling"
GIB = 1 << 30

Arm = Literal["mono", "micro", "micro, hot grown"]
MONOLITH: Arm = "mono"
ONE_EACH: Arm = "micro"
GROWN: Arm = "micro, hot grown"
ARMS: Mapping[Arm, str] = {
    MONOLITH: "the monolith with a worker for each processor of the budget",
    ONE_EACH: "the microservices, one process each",
    GROWN: "the microservices, the busiest of them with as many workers as the monolith has, two at least",
}

FRACTIONS = (0.25, 0.5)
"""Budgets below one processor."""
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


@dataclass(frozen=True, slots=True)
class Case:
    """
    One cell: what a trial measures.

    Attributes:
        cpus: the budget of processors for everything of the shop.
        memory_bytes: the budget of memory, the same for all arms; the local runtime has none.
    """

    arm: Arm
    runtime: Literal["docker", "local"]
    mix: str
    cpus: float

    @classmethod
    def of(cls, spec: Spec) -> "Case":
        factors = spec.factors
        return cls(_arm(spec.arm), _runtime(str(factors["runtime"])), str(factors["mix"]), float(factors["cpus"]))

    @property
    def processors(self) -> int:
        """Whole ones on which it runs."""
        return ceil(self.cpus)

    @property
    def whole(self) -> bool:
        """A whole number of processors is given by pinning alone; a part of one needs a quota besides."""
        return self.cpus == self.processors

    @property
    def memory_bytes(self) -> int:
        return self.processors * 2 * GIB

    @property
    def shape(self) -> Shape:
        return MONO if self.arm == MONOLITH else MICRO

    def options(self, cores: Sequence[int], hot: str | None) -> SiteOptions:
        """`cores`: as many as `processors`; `hot`: the process that is grown, in the arm that grows one."""
        workers = {"mono": self.processors} if self.arm == MONOLITH else {}
        if hot is not None:
            workers = {hot: max(2, self.processors)}
        docker = self.runtime == "docker"
        return SiteOptions(
            cores=tuple(cores),
            cpus=None if self.whole else self.cpus,
            memory_bytes=self.memory_bytes if docker else None,
            workers=workers,
        )


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


def _arm(text: str) -> Arm:
    return next(arm for arm in ARMS if arm == text)


def _runtime(text: str) -> Literal["docker", "local"]:
    return "docker" if text == "docker" else "local"
