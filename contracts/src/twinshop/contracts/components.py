"""
The components of the shop, by name.

Settings of groups, wiring, the page footer, the lab's environments and the targets of faults derive from this table.
`tests/repo/test_components.py` compares it with what has to be written by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """
    The facts about a component on which others rely.

    Attributes:
        name: of its package, image, metrics and variables.
        port: the member of the storefront's `Shop` that calls it; empty for the storefront, which no component calls.
        database: whether it keeps data in one.
        redis: whether it keeps data there.
        gives: what a visitor lacks without it, in a word; its name by default.
    """

    name: str
    port: str = ""
    database: bool = False
    redis: bool = False
    gives: str = ""

    @property
    def noun(self) -> str:
        return self.gives or self.name


COMPONENTS: Mapping[str, ComponentFacts] = {
    facts.name: facts
    for facts in (
        ComponentFacts("storefront"),
        ComponentFacts("catalog", port="catalog", database=True, gives="catalogue"),
        ComponentFacts("cart", port="carts", redis=True),
        ComponentFacts("payment", port="payments", database=True),
        ComponentFacts("translate", port="translator", gives="translations"),
    )
}
NAMES = tuple(COMPONENTS)
CALLED = tuple(name for name, facts in COMPONENTS.items() if facts.port)
"""Those that the storefront calls."""
WITH_DATABASE = tuple(name for name, facts in COMPONENTS.items() if facts.database)
WITH_REDIS = tuple(name for name, facts in COMPONENTS.items() if facts.redis)
