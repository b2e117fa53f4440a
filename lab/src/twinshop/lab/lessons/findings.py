"""What a check finds: steps that are done, missing or wrong, and figures of both shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["done", "missing", "wrong"]


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
    """One result of a lesson, measured on this machine, in both shapes."""

    name: str
    mono: float
    micro: float
    unit: str

    @property
    def ratio(self) -> float | None:
        """Microservices / monolith; None where the monolith has nothing."""
        return self.micro / self.mono if self.mono else None


def step(text: str, *, done: bool, advice: str, wrong: bool = False) -> Step:
    """A step that is done, or else missing (`wrong`: done, but not as it should be)."""
    return Step("done", text) if done else Step("wrong" if wrong else "missing", text, advice)


def report(title: str, steps: Sequence[Step], figures: Sequence[Figure]) -> str:
    """The findings as text: one line for each step, its advice below it, then the table of results."""
    lines = [title]
    for each in steps:
        lines.append(f"  {each.verdict:<8} {each.text}")
        if each.advice:
            lines.append(f"           Next: {each.advice}")
    if figures:
        rows = [("result", "monolith", "microservices", "ratio", "unit"), *(_row(each) for each in figures)]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        lines.append("")
        for row in rows:
            cells = (cell.rjust(width) for cell, width in zip(row[1:4], widths[1:4], strict=True))
            lines.append("  ".join([row[0].ljust(widths[0]), *cells, row[4]]))
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    ratio = "-" if figure.ratio is None else f"{figure.ratio:.2f}"
    return figure.name, _number(figure.mono), _number(figure.micro), ratio, figure.unit


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
