"""Parse durations and numbers from the command line."""

import re

from twinshop.lab.errors import UsageError

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def milliseconds(text: str) -> float:
    """
    Return the milliseconds of `200ms`, `0.2s` or `1500us`.

    Raises:
        UsageError: the text is not a duration above 0.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+) ?(us|ms|s)", text.strip())
    found = float(match[1]) * UNITS[match[2]] if match else 0.0
    if not found > 0:
        raise UsageError(f"invalid duration '{text}': write 200ms or 0.2s")
    return found


def above_zero(option: str, text: str) -> float:
    """Return the number of `10000` or `10,000`. Raises UsageError if it is not a number above 0."""
    try:
        found = float(text.replace(",", ""))
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise UsageError(f"invalid {option} '{text}': write a number above 0")
    return found
