"""What people see: plain tables, in colour only on a terminal."""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from twinshop.lab.deployment.api import Deployment, Status

COLOURS = {"ready": 32, "starting": 33, "restarting": 33, "not ready": 33, "crashed": 31, "stopped": 2}


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stdout.flush()
    first, *others = text.splitlines()
    sys.stderr.write("\n".join([_painted(first, 31, sys.stderr), *others]) + "\n")


def table(deployment: Deployment, states: Sequence[Status]) -> str:
    """One row for each part, under the name of the deployment and its address."""
    rows = [("NAME", "STATE", "WHERE", ""), *((each.name, each.state, each.where, each.detail) for each in states)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        cells[1] = _painted(cells[1], COLOURS.get(row[1], 1))
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join([f"{_painted(deployment.title, 1)}: {deployment.url}", *lines])


def _painted(text: str, colour: int, stream: TextIO | None = None) -> str:
    if not (stream or sys.stdout).isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"
