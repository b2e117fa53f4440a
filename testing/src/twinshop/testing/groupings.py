"""Groupings of the shop: a test names the processes that it is about, and the others follow from the registry."""

from twinshop.contracts.components import NAMES


def groups(*processes: str) -> list[tuple[str, ...]]:
    """Return these processes (`storefront+cart`), and one for each component that none of them names."""
    named = [tuple(process.split("+")) for process in processes]
    return [*named, *((name,) for name in NAMES if not any(name in group for group in named))]


def grouping(*processes: str) -> str:
    """Return the same as a shape on the command line: `storefront+cart,catalog+payment,translate`."""
    return ",".join("+".join(group) for group in groups(*processes))


def others(*names: str) -> str:
    """Return the process of all components but these."""
    return "+".join(name for name in NAMES if name not in names)
