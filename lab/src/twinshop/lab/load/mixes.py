"""Mixes of journeys: the usual one, and one for each part of the shop that may be the busiest."""

from collections.abc import Mapping

from twinshop.lab.load.plan import BALANCED

MIXES: Mapping[str, Mapping[str, float]] = {
    "balanced": BALANCED,
    "catalog-hot": {"browse": 60, "search": 35, "cart": 3, "checkout": 2},
    "checkout-hot": {"browse": 20, "cart": 20, "checkout": 60},
    "translate-heavy": {"browse": 20, "translate": 75, "cart": 3, "checkout": 2},
}
