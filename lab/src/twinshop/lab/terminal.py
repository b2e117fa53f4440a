"""Print to the terminal: results and complaints, in colour only where a person reads them."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stdout.flush()
    first, *others = text.splitlines()
    sys.stderr.write("\n".join([painted(first, 31, sys.stderr), *others]) + "\n")


def painted(text: str, colour: int, stream: TextIO | None = None) -> str:
    if not (stream or sys.stdout).isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def table(title: str, header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Plain text, the first column to the left and the others to the right."""
    rows = [tuple(header), *(tuple(line) for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(header))]

    def one(row: Sequence[str]) -> str:
        others = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        return "  ".join([row[0].ljust(widths[0]), *others])

    return "\n".join([title, one(rows[0]), "-" * (sum(widths) + 2 * len(widths) - 2), *(one(row) for row in rows[1:])])
