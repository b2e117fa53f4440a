"""What a check finds: steps that are done, missing or wrong, and the figures that it compares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

WHOLE = 1000
"""Numbers from here on are printed without decimal places."""
Verdict = Literal["done", "missing", "wrong"]
COLUMNS = ("monolith", "microservices")
"""What most lessons compare: the columns of their results."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of a lesson.

    Attributes:
        text: what was looked for.
        advice: the command or place to go on; empty if it is done.
    """

    verdict: Verdict
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One result of a lesson, measured on this machine.

    Attributes:
        values: one for each column of the lesson; None where it was not measured.
    """

    name: str
    values: Sequence[float | None]
    unit: str

    @property
    def ratio(self) -> float | None:
        """Second column / first; None where the first is 0 or one is not known."""
        first, second = self.values[:2]
        return second / first if first and second is not None else None


Findings = Iterator[Step | Figure]


def step(text: str, *, done: bool, advice: str, wrong: bool = False) -> Step:
    """A step that is done, or else missing (`wrong`: done, but not as it should be)."""
    return Step("done", text) if done else Step("wrong" if wrong else "missing", text, advice)


def report(title: str, steps: Sequence[Step], figures: Sequence[Figure], columns: Sequence[str] = COLUMNS) -> str:
    """The findings as text: one line for each step, its advice below it, then the table of results."""
    lines = [title]
    for each in steps:
        lines.append(f"  {each.verdict:<8} {each.text}")
        if each.advice:
            lines.append(f"           Next: {each.advice}")
    if figures:
        compared = len(columns) == len(COLUMNS)
        heads = [*columns, *(["ratio"] if compared else [])]
        rows = [("result", *heads, "unit"), *(_row(each, compared=compared) for each in figures)]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        lines.append("")
        for name, *numbers, unit in rows:
            cells = (cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True))
            lines.append("  ".join([name.ljust(widths[0]), *cells, unit]))
    return "\n".join(lines)


def _row(figure: Figure, *, compared: bool) -> tuple[str, ...]:
    ratio = "-" if figure.ratio is None else f"{figure.ratio:.{_places(figure.ratio)}f}"
    return figure.name, *map(_number, figure.values), *([ratio] if compared else []), figure.unit


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.{_places(value)}f}"


def _places(value: float) -> int:
    return 2 if abs(value) < WHOLE else 0
