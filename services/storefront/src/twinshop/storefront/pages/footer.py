"""Who made this page: the shape, and what each component did for it."""

from dataclasses import dataclass

from twinshop.contracts.components import CALLED
from twinshop.kit import context
from twinshop.storefront.shop import Shop


@dataclass(frozen=True, slots=True)
class Part:
    """What one component did for a page; `milliseconds` is the time of all its calls together."""

    name: str
    remote: bool
    calls: int
    milliseconds: float
    ok: bool


@dataclass(frozen=True, slots=True)
class Footer:
    """`hops` counts the calls that left the process."""

    shape: str
    request_id: str
    milliseconds: float
    hops: int
    components: tuple[Part, ...]


def footer(shop: Shop, shape: str, seconds: float) -> Footer:
    """What is known of the request so far; called last, when all calls have been made."""
    made = context.hops.get() or []
    parts = tuple(
        Part(
            name=name,
            remote=name in shop.remote,
            calls=sum(hop.component == name for hop in made),
            milliseconds=sum(hop.duration for hop in made if hop.component == name),
            ok=all(hop.ok for hop in made if hop.component == name),
        )
        for name in CALLED
    )
    hops = sum(hop.remote for hop in made)
    return Footer(shape, context.request_id.get(), seconds * 1e3, hops, parts)
