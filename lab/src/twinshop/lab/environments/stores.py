"""Which store a component has."""

from collections.abc import Mapping

from twinshop.lab.environments.protocol import Store
from twinshop.lab.environments.variables import REDIS
from twinshop.lab.errors import Unsupported


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
        if component != "cart":
            raise Unsupported(f"{component} keeps nothing in Redis; only cart does.")
        return REDIS
    if component not in databases:
        raise Unsupported(f"{component} has no database.")
    return databases[component]
