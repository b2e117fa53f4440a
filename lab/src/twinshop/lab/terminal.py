"""Print to the terminal: results and complaints, in colour only where a person reads them."""

import os
import sys
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
