"""Which store each component has."""

from collections.abc import Mapping

from twinshop.contracts.components import WITH_DATABASE, WITH_REDIS
from twinshop.lab.environments.protocol import Store
from twinshop.lab.environments.variables import REDIS
from twinshop.lab.errors import Unsupported
from twinshop.lab.shapes import Shape


def store_of(component: str, store: Store, databases: Mapping[str, str]) -> str:
    """
    The part that is the store of a component.

    Args:
        component: of the shop.
        store: which kind.
        databases: the parts that are databases, by the components that have one.

    Raises:
        Unsupported: it has no such store.
    """
    if store == "redis":
        require_redis(component)
        return REDIS
    if component not in databases:
        raise Unsupported(f"{component} has no database.")
    return databases[component]


def require_redis(component: str) -> None:
    """Raise Unsupported unless the component keeps its data in Redis."""
    if component not in WITH_REDIS:
        raise Unsupported(f"{component} keeps nothing in Redis; only {', '.join(WITH_REDIS)} does.")


def databases(shape: Shape) -> dict[str, str]:
    """Return the database of each component that has one; a process that hosts all of them has one for all."""
    together = len({shape.host_of(component).name for component in WITH_DATABASE}) == 1
    return {component: "database" if together else f"{component}-db" for component in WITH_DATABASE}
