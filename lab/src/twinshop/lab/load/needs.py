"""What the journeys need of the shop."""

from collections.abc import Mapping

NEEDS: Mapping[str, frozenset[str]] = {
    "browse": frozenset({"storefront", "catalog"}),
    "search": frozenset({"storefront", "catalog"}),
    "translate": frozenset({"storefront", "catalog", "translate"}),
    "cart": frozenset({"storefront", "cart"}),
    "checkout": frozenset({"storefront", "catalog", "cart", "payment"}),
}
"""
The components without which a session of a journey does not go well; a page that lacks only another part is good.

As `twinshop.lab.load.open.journeys` judges its answers. A test lets each component of a real shop fail in turn, and
holds them to it.
"""
