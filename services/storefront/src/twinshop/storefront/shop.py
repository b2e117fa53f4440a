"""The four ports that the storefront calls, wherever they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twinshop.contracts.cart import Carts
from twinshop.contracts.catalog import Catalog
from twinshop.contracts.components import COMPONENTS
from twinshop.contracts.payment import Payments
from twinshop.contracts.translate import Translator
from twinshop.kit.observe import observed


@dataclass(frozen=True, slots=True)
class Shop:
    """`remote` holds the names of the components that are in other processes."""

    catalog: Catalog
    carts: Carts
    payments: Payments
    translator: Translator
    remote: frozenset[str]


def watched(ports: Mapping[str, Any], remote: frozenset[str]) -> Shop:
    """A shop of these ports, by component, whose calls are all timed: for footer, metrics and `Server-Timing`."""
    seen = {COMPONENTS[name].port: observed(name, port, remote=name in remote) for name, port in ports.items()}
    return Shop(**seen, remote=remote)
