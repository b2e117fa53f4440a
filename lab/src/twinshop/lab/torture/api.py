"""What a hazard is, and what it is given."""

from collections.abc import Callable
from dataclasses import dataclass

from twinshop.lab.environments.protocol import Environment, Runtime
from twinshop.lab.torture.crowd import Crowd

BOTH: tuple[Runtime, ...] = ("local", "docker")
CONTAINERS: tuple[Runtime, ...] = ("docker",)


@dataclass(frozen=True, slots=True)
class Step:
    """
    A hazard of a schedule.

    Attributes:
        number: from 1.
        at: second of the load at which it begins, unless the shop is not well again by then.
        hazard: its name.
        seconds: how long it is held, where it does not end by itself.
        seed: of what is random in it.
    """

    number: int
    at: float
    hazard: str
    seconds: float
    seed: int


@dataclass(slots=True)
class Scene:
    """
    Where it happens.

    Attributes:
        environment: the shop, under load.
        crowd: shoppers for purchases with a purpose.
        replicas: how many store fronts there are when all is well.
        images: of the store front's process: the one that runs, and the other version; empty where there are none.
    """

    environment: Environment
    crowd: Crowd
    replicas: int
    images: list[str]

    @property
    def front(self) -> str:
        """The part that hosts the store front."""
        return self.environment.hosts("storefront")


Strike = Callable[[Scene, Step], str | None]


@dataclass(frozen=True, slots=True)
class Hazard:
    """
    A value that says all there is to know of a hazard.

    Attributes:
        name: on the command line and in results.
        does: to the environment, in words.
        heals: how, in words.
        keeps: what must not be lost.
        strike: hurts the environment, holds it, and heals it whatever happens. Returns what shows that the hazard was
            at work, None if nothing did. Raises Unsupported, or LabError if it did not come about.
        runtimes: those that can do it.
        why: what the others lack, to a person.
    """

    name: str
    does: str
    heals: str
    keeps: str
    strike: Strike
    runtimes: tuple[Runtime, ...] = BOTH
    why: str = ""
