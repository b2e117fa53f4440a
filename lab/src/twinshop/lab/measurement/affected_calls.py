"""Number of calls affected by an injected bug, as counted by the processes."""

import re

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.request import ask

ANSWER_SECONDS = 5.0


def affected_calls(environment: Environment, component: str) -> int | None:
    """Return the number since the start of the processes; None if one of them does not answer."""
    counted = rf'^twinshop_fault_affected_calls_total\{{component="{component}",[^}}]*\}} (\S+)'
    total = 0.0
    for url in environment.control_urls(environment.hosts(component)):
        try:
            text = ask(url, "/metrics", seconds=ANSWER_SECONDS).body.decode()
        except OSError:
            return None
        total += sum(float(value) for value in re.findall(counted, text, re.MULTILINE))
    return round(total)
