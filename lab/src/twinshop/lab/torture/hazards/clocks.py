"""
A component's clock that is off, against all others.

Containers share the clock of their kernel, and Linux has no namespace for the time of day: the shop's own clock is
moved (`twinshop.kit.clock`), from which leases, grace and reservations are read. The database's own decides nothing.
"""

import time
from collections.abc import Sequence

from twinshop.lab.environments.shield import shielded
from twinshop.lab.faults import FaultSpec
from twinshop.lab.faults.bugs import bug, no_bug
from twinshop.lab.torture.api import Hazard, Scene, Step

SPARE_SECONDS = 5.0
LEDGER_SECONDS = 30.0
"""More than lease and grace together; an order leased then may be stuck for as long after the clock is right again."""
STOCK_SECONDS = 1200.0
"""More than a reservation lasts."""


def _skewed(component: str, name: str, by: float, keeps: str) -> Hazard:
    def run(scene: Scene, step: Step) -> str | None:
        try:
            bug("skew", by_seconds=by)(scene.environment, component, FaultSpec(step.seconds + SPARE_SECONDS, step.seed))
            time.sleep(step.seconds)
        finally:
            with shielded():
                no_bug("skew")(scene.environment, component)
        return f"{component}: off by {by:+g} s, as every replica says"

    return Hazard(
        name=f"clock-{name}",
        does=f"The clock of {component} is {abs(by):g} s {'ahead' if by > 0 else 'behind'}.",
        recovery="The clock is right again at once: it jumps.",
        keeps=keeps,
        run=run,
    )


HAZARDS: Sequence[Hazard] = (
    _skewed(
        "payment",
        "ledger-ahead",
        LEDGER_SECONDS,
        "Orders whose leases all expire at once: two storefronts may process each.",
    ),
    _skewed("payment", "ledger-behind", -LEDGER_SECONDS, "Abandoned orders: they wait, and are then completed."),
    _skewed("catalog", "stock-ahead", STOCK_SECONDS, "Stock whose reservations all expire: nothing is sold twice."),
)
