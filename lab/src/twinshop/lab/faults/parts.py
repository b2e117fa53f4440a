"""Faults of whole parts of an environment: the process that hosts a component, and its stores."""

from collections.abc import Callable

from twinshop.lab.environments.protocol import Environment, Recoverable, Store
from twinshop.lab.faults.api import FaultSpec

Act = Callable[[Environment, str], None]
"""An action on a part of an environment."""
Revert = Callable[[Recoverable, str], None]
"""An action that reverts one."""


def kill(environment: Environment, part: str) -> None:
    environment.kill(part)


def crash(environment: Environment, part: str) -> None:
    environment.crash(part)


def revive(environment: Recoverable, part: str) -> None:
    environment.revive(part)


def pause(environment: Environment, part: str) -> None:
    environment.pause(part)


def resume(environment: Recoverable, part: str) -> None:
    environment.resume(part)


def cut(environment: Environment, part: str) -> None:
    environment.cut(part)


def mend(environment: Recoverable, part: str) -> None:
    environment.mend(part)


def host(act: Act) -> Callable[[Environment, str, FaultSpec], None]:
    """Act on the part that hosts the component."""
    return lambda environment, component, _: act(environment, environment.hosts(component))


def host_again(act: Revert) -> Revert:
    """Revert the action on the part that hosts the component."""
    return lambda environment, component: act(environment, environment.hosts(component))


def store(kind: Store, act: Act) -> Callable[[Environment, str, FaultSpec], None]:
    """Act on the component's store of this kind."""
    return lambda environment, component, _: act(environment, environment.stores(component, kind))


def store_again(kind: Store, act: Revert) -> Revert:
    """Revert the action on the component's store of this kind."""
    return lambda environment, component: act(environment, environment.stores(component, kind))
