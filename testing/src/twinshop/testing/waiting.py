"""Wait for what happens in other processes, in its own time: on a busy machine too."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx
import pytest

T = TypeVar("T")

SECONDS = 120.0
"""Long enough for a machine that does other work: a test that waits ends as soon as the event has come."""
MOST_PAUSE = 0.5
"""Between questions that take long, such as Docker commands: asked all the time, they would slow what they wait for."""


def wait_until(condition: Callable[[], T], seconds: float = SECONDS, pause: float = 0.05) -> T:
    """
    Return the first true value of `condition()`, asked every `pause` seconds, or less often if asking takes longer.

    Errors of assertions and of HTTP count as "not yet". If no true value comes within `seconds`, the test fails and
    shows the last value or error.
    """
    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        asked = time.monotonic()
        try:
            if value := condition():
                return value
            last = value
        except (httpx.HTTPError, AssertionError) as error:
            last = error
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {last!r}")
        time.sleep(max(pause, min(time.monotonic() - asked, MOST_PAUSE)))


def eventually(attempt: Callable[[], T], seconds: float = SECONDS, pause: float = 0.05) -> T:
    """
    Return what `attempt()` returns as soon as it raises no `AssertionError` and no error of HTTP.

    Raises:
        AssertionError, httpx.HTTPError: the last one, if none of the attempts within `seconds` succeeds.

    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except (AssertionError, httpx.HTTPError):
            if time.monotonic() > deadline:
                raise
        time.sleep(pause)
