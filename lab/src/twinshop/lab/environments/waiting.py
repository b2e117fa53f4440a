"""Waiting until every part of an environment is ready."""

import time
from collections.abc import Callable, Mapping

from twinshop.lab.errors import ProvisionError

POLL_SECONDS = 0.01


def until_ready(
    asks: Mapping[str, Callable[[], tuple[bool, str]]],
    require_life: Callable[[str], None],
    seconds: float,
    more: Callable[[], str] = str,
) -> float:
    """
    The moment, by `time.perf_counter`, at which the last part became ready.

    Args:
        asks: of each part, whether it is ready, and what it says about itself.
        require_life: raises LabError if a part will never be ready.
        seconds: how long to wait.
        more: what else to say when that was not enough.

    Raises:
        LabError: not all are ready after `seconds`.
    """
    end = time.monotonic() + seconds
    waiting, said = dict(asks), dict.fromkeys(asks, "")
    while True:
        for name, ask in list(waiting.items()):
            ready, said[name] = ask()
            if ready:
                del waiting[name]
            else:
                require_life(name)
        if not waiting:
            return time.perf_counter()
        if time.monotonic() > end:
            reasons = (f"    {name}: {said[name]}" for name in waiting)
            raise ProvisionError("\n".join([f"Not everything is ready after {seconds:.0f} s:", *reasons]) + more())
        time.sleep(POLL_SECONDS)
