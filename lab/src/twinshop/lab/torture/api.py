"""Definition of a hazard, and its inputs."""

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
        at: second of the load at which it begins, unless the shop has not recovered by then.
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
    The environment of a campaign.

    Attributes:
        environment: the shop, under load.
        crowd: shoppers for purchases with a purpose.
        replicas: how many storefronts there are in the steady state.
        images: of the storefront's process: the one that runs, and the other version; empty where there are none.
    """

    environment: Environment
    crowd: Crowd
    replicas: int
    images: list[str]

    @property
    def front(self) -> str:
        """The part that hosts the storefront."""
        return self.environment.hosts("storefront")


Run = Callable[[Scene, Step], str | None]


@dataclass(frozen=True, slots=True)
class Hazard:
    """
    Definition of a hazard.

    Attributes:
        name: on the command line and in results.
        does: to the environment, in words.
        recovery: how it recovers, in words.
        keeps: what must not be lost.
        run: injects the hazard, holds it, and reverts it whatever happens. Returns the evidence that it was
            active, None if there is none. Raises Unsupported, or LabError if it could not be injected.
        runtimes: those that can do it.
        why: what the others lack, to a person.
    """

    name: str
    does: str
    recovery: str
    keeps: str
    run: Run
    runtimes: tuple[Runtime, ...] = BOTH
    why: str = ""
