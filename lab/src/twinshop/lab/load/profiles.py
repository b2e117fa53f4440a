"""
At which rate sessions arrive: constant, ramp, step, spike, soak, and a trace from a file.

Rates are sessions a second. A phase goes evenly from one rate to another.
"""

import csv
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from twinshop.lab.errors import UsageError
from twinshop.lab.load.plan import Phase

NAMES = ("constant", "ramp", "step", "spike", "soak")
STEPS = 4
SPIKE = 4.0
"""How many times the base rate a spike is, unless said otherwise."""
SOAK_SECONDS = 1800.0
DEFAULT_SECONDS = 60.0

Phases = tuple[Phase, ...]


def constant(rate: float, seconds: float) -> Phases:
    return (Phase(seconds, rate, rate),)


def ramp(start: float, end: float, seconds: float) -> Phases:
    return (Phase(seconds, start, end),)


def step(rates: Sequence[float], seconds: float) -> Phases:
    """One rate after the other, each for `seconds`."""
    return tuple(Phase(seconds, rate, rate) for rate in rates)


def spike(base: float, peak: float, *, before: float, during: float, after: float) -> Phases:
    return (Phase(before, base, base), Phase(during, peak, peak), Phase(after, base, base))


def soak(rate: float, seconds: float = SOAK_SECONDS) -> Phases:
    """A constant rate for long: for what grows with time."""
    return constant(rate, seconds)


def trace(path: Path) -> Phases:
    """
    A recorded or invented day: a CSV file with the columns `seconds` (since the beginning, the first is 0) and `rate`.

    Between two rows the rate changes evenly; two rows with the same seconds are a jump. Raises UsageError.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"seconds", "rate"} - set(reader.fieldnames or ())
            if missing:
                raise UsageError(f"{path}: the first line must name the columns seconds and rate.")
            points = [
                (_number(row, "seconds", path, line), _number(row, "rate", path, line))
                for line, row in _numbered(reader)
            ]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is not a CSV file: {error}.") from error
    if len(points) < 2:  # noqa: PLR2004 - a beginning and an end
        raise UsageError(f"{path}: a trace needs at least two rows, a beginning and an end.")
    if points[0][0] != 0:
        raise UsageError(f"{path}: the first row must be at 0 seconds, not {points[0][0]:g}.")
    phases = []
    for (begin, start), (until, end) in pairwise(points):
        if until < begin:
            raise UsageError(f"{path}: the seconds go back from {begin:g} to {until:g}.")
        if until > begin:
            phases.append(Phase(until - begin, start, end))
    if not phases or not any(phase.start or phase.end for phase in phases):
        raise UsageError(f"{path}: the rate is never above 0.")
    return tuple(phases)


def _numbered(reader: "csv.DictReader[str]") -> list[tuple[int, dict[str, str | None]]]:
    return [(reader.line_num, dict(row)) for row in reader]


def _number(row: dict[str, str | None], column: str, path: Path, line: int) -> float:
    text = (row[column] or "").strip()
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise UsageError(f"{path}, line {line}: {column} must be a number from 0, not `{text}`.")
    return number


def named(name: str, rate: float, seconds: float | None = None, peak: float | None = None) -> Phases:
    """
    The profile of the command line; raises UsageError.

    Args:
        name: one of `NAMES`, or the path of a trace (a .csv file; it has rates and seconds of its own).
        rate: of a constant load or a soak, the last one of a ramp from 0 and of four even steps, the base of a spike.
        seconds: in all; default: 60, a soak 1800. The spike takes the middle fifth.
        peak: of a spike; default: four times the rate.
    """
    if name.endswith(".csv"):
        return trace(Path(name))
    if name not in NAMES:
        raise UsageError(f"unknown profile '{name}': choose from {', '.join(NAMES)}, or give the path of a .csv file")
    length = seconds if seconds is not None else SOAK_SECONDS if name == "soak" else DEFAULT_SECONDS
    if not (0 < rate < math.inf and 0 < length < math.inf):
        raise UsageError("The rate and the seconds must be more than 0.")
    if name == "ramp":
        return ramp(0, rate, length)
    if name == "step":
        return step([rate * (each + 1) / STEPS for each in range(STEPS)], length / STEPS)
    if name == "spike":
        return spike(
            rate, SPIKE * rate if peak is None else peak, before=0.4 * length, during=0.2 * length, after=0.4 * length
        )
    return constant(rate, length)
