"""One cell of the experiment: which shop, with which budget, under which mix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.results.trial import AGAIN, Spec
from twinshop.lab.shapes import MICRO, MONO, Shape

GIB = 1 << 30

Limit = Literal["pinned", "quota"]
PINNED: Limit = "pinned"
QUOTA: Limit = "quota"
Arm = Literal["mono", "micro", "micro, hot grown"]
MONOLITH: Arm = "mono"
ONE_EACH: Arm = "micro"
GROWN: Arm = "micro, hot grown"
MONO_AGAIN = MONOLITH + AGAIN
"""The monolith once more: what it carries more or less than `mono` is noise (the A/A pair)."""
ARMS: Mapping[Arm, str] = {
    MONOLITH: "the monolith with a worker for each processor of the budget",
    ONE_EACH: "the microservices, one process each",
    GROWN: "the microservices, the busiest of them with as many workers as the monolith has, at least two",
}


@dataclass(frozen=True, slots=True)
class Case:
    """
    One cell: what a trial measures.

    Attributes:
        cpus: the budget of processors for everything of the shop.
        limit: how the budget is given: `pinned` to that many processors, or a `quota` of the time of as many, rounded
            up. The two are not compared with each other: a quota stops everything for the rest of each tenth of a
            second.
        memory_bytes: the budget of memory, the same for all arms; the local runtime has none.
    """

    arm: Arm
    runtime: Literal["docker", "local"]
    mix: str
    cpus: float
    limit: "Limit"

    @classmethod
    def of(cls, spec: Spec) -> "Case":
        factors = spec.factors
        return cls(
            _arm(spec.arm.removesuffix(AGAIN)),
            _runtime(str(factors["runtime"])),
            str(factors["mix"]),
            float(factors["cpus"]),
            limit_of(factors),
        )

    @property
    def processors(self) -> int:
        """Whole ones on which it runs."""
        return ceil(self.cpus)

    @property
    def pinned(self) -> bool:
        return self.limit == PINNED

    @property
    def memory_bytes(self) -> int:
        return self.processors * 2 * GIB

    @property
    def shape(self) -> Shape:
        return MONO if self.arm == MONOLITH else MICRO

    def workers(self, hot: str | None = None) -> dict[str, int]:
        """`hot`: the process that is grown, in the arm that grows one."""
        if hot is not None:
            return {hot: max(2, self.processors)}
        return {"mono": self.processors} if self.arm == MONOLITH else {}

    def options(self, cores: Sequence[int]) -> EnvironmentOptions:
        """`cores`: as many as `processors`."""
        docker = self.runtime == "docker"
        return EnvironmentOptions(
            cores=tuple(cores),
            cpus=None if self.pinned else self.cpus,
            memory_bytes=self.memory_bytes if docker else None,
            workers=self.workers(),
            faults=True,  # without them the books of the shop cannot be read afterwards
        )


def limit_of(factors: Mapping[str, str | float]) -> Limit:
    """Of a trial. Runs before December 2026 do not say: whole processors were pinned there, fractions had a quota."""
    told = factors.get("limit", PINNED if float(factors["cpus"]).is_integer() else QUOTA)
    return PINNED if told == PINNED else QUOTA


def _arm(text: str) -> Arm:
    return next(arm for arm in ARMS if arm == text)


def _runtime(text: str) -> Literal["docker", "local"]:
    return "docker" if text == "docker" else "local"
