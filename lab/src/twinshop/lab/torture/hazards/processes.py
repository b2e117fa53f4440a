"""Components killed, frozen, cut off, failing and stalled: some of the lab's faults."""

import random
import time
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from twinshop.lab.faults import FaultSpec, known
from twinshop.lab.measurement.affected_calls import affected_calls
from twinshop.lab.measurement.steady_state import trouble
from twinshop.lab.shapes import COMPONENTS
from twinshop.lab.torture.api import BOTH, Hazard, Scene, Step
from twinshop.lab.torture.hazards.watching import starts, within

SPARE_SECONDS = 5.0
"""A bug reverts by itself this long after it should have been reverted."""
BUSY = ("catalog", "cart", "payment")
"""Components that are called often enough for a share of the calls to be affected within seconds."""
NOTICED_SECONDS = 10.0
"""For a death to be seen."""


def _hazard(
    name: str, keeps: str, targets: Sequence[str] = BUSY, members: Mapping[str, JsonValue] | None = None
) -> Hazard:
    """A fault of the lab, in a component drawn from the seed."""
    fault = known(name)

    def run(scene: Scene, step: Step) -> str | None:
        environment = scene.environment
        target = random.Random(step.seed).choice(targets)  # noqa: S311 - must be repeatable
        deaths, before = starts(environment), affected_calls(environment, target)
        spec = FaultSpec(step.seconds + SPARE_SECONDS, step.seed, members or {})
        with fault.on(environment, target, spec):
            time.sleep(step.seconds)
            if fault.layer == "code":
                now = affected_calls(environment, target)
                shown = f"{now - before} calls" if now is not None and before is not None and now > before else None
            elif fault.lasts:
                shown = trouble(environment)
            else:
                shown = "started again" if within(NOTICED_SECONDS, lambda: starts(environment) > deaths) else None
        return None if shown is None else f"{target}: {shown}"

    what = fault.title[0].lower() + fault.title[1:]
    return Hazard(
        name=name,
        does=f"A random component: {what}{'' if members is None else f' ({members})'}.",
        recovery="Reverted as a fault of the lab is (docs/faults.md).",
        keeps=keeps,
        run=run,
        runtimes=tuple(runtime for runtime in BOTH if runtime in fault.runtimes),
        why=fault.why,
    )


HAZARDS: Sequence[Hazard] = (
    _hazard("crash-restart", "What the process had acknowledged.", COMPONENTS),
    _hazard("hang", "Orders in progress; requests that resume late do nothing twice.", COMPONENTS),
    _hazard("cut", "Orders in progress; neither side of the cut contradicts the other.", COMPONENTS),
    _hazard("errors", "Unfinished orders: completed or refunded.", members={"ratio": 0.3}),
    _hazard("stall", "Orders whose call is answered after its caller has given up.", members={"ratio": 0.3}),
)
