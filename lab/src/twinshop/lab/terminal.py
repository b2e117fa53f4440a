"""Print to the terminal: text for people, in colour only on a terminal, and JSON for programs."""

import json
import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from typing import Any, TextIO

_json_stream: ContextVar[TextIO | None] = ContextVar("json_stream", default=None)


@contextmanager
def json_only() -> Iterator[None]:
    """Keep standard output for `say_json`: everything else that is printed meanwhile goes to standard error."""
    token = _json_stream.set(sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _json_stream.reset(token)


def say_json(result: object) -> None:
    """Print a result for a program. JSON has no NaN and no infinity: they become null."""
    stream = _json_stream.get() or sys.stdout
    stream.write(json.dumps(_finite(result), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    stream.flush()


def _finite(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


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


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, header first: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    header, *lines = ("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
    return [header, "-" * len(header), *lines]


def table(title: str, header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table as plain text."""
    return "\n".join([title, *aligned([header, *lines])])
