"""What is done to whole parts of a site: the process that hosts a component, and its stores."""

from collections.abc import Callable

from twinshop.lab.environments.protocol import Healable, Site, Store
from twinshop.lab.faults.api import Dose

Act = Callable[[Site, str], None]
"""Something done to a part of a site."""
Heal = Callable[[Healable, str], None]
"""The same for what heals."""


def kill(site: Site, part: str) -> None:
    site.kill(part)


def crash(site: Site, part: str) -> None:
    site.crash(part)


def revive(site: Healable, part: str) -> None:
    site.revive(part)


def pause(site: Site, part: str) -> None:
    site.pause(part)


def resume(site: Healable, part: str) -> None:
    site.resume(part)


def cut(site: Site, part: str) -> None:
    site.cut(part)


def mend(site: Healable, part: str) -> None:
    site.mend(part)


def host(act: Act) -> Callable[[Site, str, Dose], None]:
    """Hurts the part that hosts the component."""
    return lambda site, component, _: act(site, site.hosts(component))


def host_again(act: Heal) -> Heal:
    """Heals the part that hosts the component."""
    return lambda site, component: act(site, site.hosts(component))


def store(kind: Store, act: Act) -> Callable[[Site, str, Dose], None]:
    """Hurts the component's store of this kind."""
    return lambda site, component, _: act(site, site.stores(component, kind))


def store_again(kind: Store, act: Heal) -> Heal:
    """Heals it."""
    return lambda site, component: act(site, site.stores(component, kind))
