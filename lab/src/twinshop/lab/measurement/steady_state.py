"""The steady-state check before a fault is injected."""

import json

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.request import ask
from twinshop.lab.errors import LabError
from twinshop.lab.measurement.load_clock import LoadClock
from twinshop.lab.statistics.failure import IN_A_ROW

ANSWER_SECONDS = 2.0
SETTLE_SECONDS = 25.0
"""Seconds within which a shop must recover before the next fault."""
LOOK_SECONDS = 1.5
"""Between two looks whether it is healthy."""
ASKED = ("/api/products?lang=es&size=1", "/api/cart", "/api/orders")
"""Between them these need every component: catalog and translate, cart, payment."""


class Unhealthy(LabError):
    """The environment did not recover and is discarded. The message says what is wrong."""


def settle(environment: Environment, clock: LoadClock, base: float) -> float:
    """
    Wait until the environment has been healthy for so long; the second of the load since which it has.

    One that was not healthy at first has to be so for a little longer.

    Raises:
        Unhealthy: it is not, for too long.
    """
    since, needed = clock.now(), base
    give_up = since + base + SETTLE_SECONDS
    while True:
        wrong, now = trouble(environment), clock.now()
        if wrong is not None:
            since, needed = now, max(base, IN_A_ROW + 1)  # so that its recovery is seen
        elif now >= since + needed:
            return since
        if wrong is not None and now > give_up:
            raise Unhealthy(wrong)
        clock.wait_until(min(now + LOOK_SECONDS, max(since + needed, now + LOOK_SECONDS / 5)))


def trouble(environment: Environment) -> str | None:
    """Return what is wrong; None if every process is ready and every component serves the storefront."""
    try:
        for process in environment.shape.processes:
            for url in environment.control_urls(process.name):
                if not (answer := ask(url, "/readyz", seconds=ANSWER_SECONDS)).ok:
                    return f"/readyz of {process.name} answers {answer.status}"
        for path in ASKED:
            if not (answer := ask(environment.url, path, seconds=ANSWER_SECONDS)).ok:
                return f"{path} answers {answer.status}"
            if path == ASKED[0] and not json.loads(answer.body)["translated"]:
                return "the translator does not translate"
    except (OSError, ValueError, KeyError, LabError) as error:
        return f"{type(error).__name__}: {error}"
    return None
