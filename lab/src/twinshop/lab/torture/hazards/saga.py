"""Kill the storefront at every step of the checkout, and let two of them process the same order."""

from collections.abc import Sequence
from typing import Literal

from pydantic import JsonValue

from twinshop.lab.environments.shield import shielded
from twinshop.lab.faults import FaultSpec
from twinshop.lab.faults.bugs import bug, no_bug, no_deadly_bug
from twinshop.lab.measurement.affected_calls import affected_calls
from twinshop.lab.torture.api import Hazard, Scene, Step
from twinshop.lab.torture.hazards.watching import starts, within

When = Literal["before", "after"]
WHENS: tuple[When, ...] = ("before", "after")
CALLS = (
    "payments.open",
    "catalog.reserve",
    "payments.charge",
    "catalog.commit",
    "payments.confirm",
    "carts.subtract",
    "payments.close",
)
"""What the storefront calls for a checkout, in this order."""
DEATH_SECONDS = 30.0
"""How long it may take until a checkout comes by and kills."""
BOTH_SECONDS = 3.0
"""For the other storefront to be killed at the same step."""
LAPSE_MS = 8000
"""Longer than the lease of an order."""


def killed(call: str, when: When) -> Hazard:
    def run(scene: Scene, step: Step) -> str | None:
        environment, before, replicas = scene.environment, starts(scene.environment), scene.replicas
        does = bug("crash", operations=[call], when=when, persist=False)
        try:
            does(environment, "storefront", FaultSpec(DEATH_SECONDS, step.seed))
            if not within(DEATH_SECONDS, lambda: starts(environment) > before):
                return None
            within(BOTH_SECONDS, lambda: starts(environment) >= before + replicas)
            return f"{starts(environment) - before} of {replicas} died"
        finally:
            with shielded():
                no_deadly_bug("crash")(environment, "storefront")

    return Hazard(
        name=f"kill-{when}-{call}",
        does=f"The process of the storefront is killed {when} its call {call}, in the middle of a checkout.",
        recovery="It is restarted; the storefronts complete the unfinished orders.",
        keeps="The order: paid once or cancelled, with its stock and money.",
        run=run,
    )


def _lapsed(scene: Scene, step: Step) -> str | None:
    environment = scene.environment
    try:
        before = affected_calls(environment, "storefront")
        held: list[JsonValue] = ["catalog.commit", "payments.renew"]  # a lease that is renewed in time does not lapse
        members: dict[str, JsonValue] = {"operations": held, "milliseconds": LAPSE_MS}
        bug("latency")(environment, "storefront", FaultSpec(step.seconds + 2 * LAPSE_MS / 1e3, step.seed, members))
        bought = scene.crowd.burst(step.seed, shoppers=1, presses=2)
        now = affected_calls(environment, "storefront")
    finally:
        with shielded():
            no_bug("latency")(environment, "storefront")
    if now is None or before is None or now <= before:
        return None
    return f"{now - before} calls held for longer than a lease, {len(bought)} checkouts pressed again at two doors"


HAZARDS: Sequence[Hazard] = (
    *(killed(call, when) for call in CALLS for when in WHENS),
    Hazard(
        name="lapsed-lease",
        does="Storefronts hold charged orders for longer than their lease, so that others resume the same orders, "
        "while the shopper presses again at several of them.",
        recovery="The bug is reverted.",
        keeps="Each order: paid once, stock taken once.",
        run=_lapsed,
    ),
)
