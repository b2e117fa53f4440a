"""Waiting for what happens in containers and pods, in its own time."""

import time

import httpx
import pytest

PAUSE_SECONDS = 0.3


def wait_for(what, seconds=60):
    """Wait until `what()` is true; its last error or value is told when it never is."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = what()
            if last:
                return last
        except (httpx.HTTPError, AssertionError) as error:
            last = error
        time.sleep(PAUSE_SECONDS)
    pytest.fail(f"not within {seconds} s: {last!r}")
    return None
