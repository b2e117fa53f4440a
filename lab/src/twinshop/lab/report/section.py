"""What an experiment tells the report: one question, one answer, plots, tables, limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from matplotlib.figure import Figure

from twinshop.lab.statistics.verdict import Comparison, Difference


@dataclass(frozen=True, slots=True)
class Plot:
    """
    One figure.

    Attributes:
        name: of its files, `<name>.svg`, `<name>.png`: small letters, digits and dashes; unique in a report.
        caption: what is to be seen in it, one or two sentences; also its text for people who cannot see it.
        draw: makes the figure, with the styles of `twinshop.lab.report.style`.
    """

    name: str
    caption: str
    draw: Callable[[], Figure]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are to be shown; the CSV file `<name>.csv` has the same rows."""

    name: str
    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Claim:
    """
    A claim of the lecture, held against a measurement.

    Attributes:
        text: the claim.
        verdict: what the measurement says of it.
        evidence: one sentence with the number, its interval and n.
    """

    text: str
    verdict: Literal["holds", "does not hold", "in part", "inconclusive", "not measured"]
    evidence: str


@dataclass(frozen=True, slots=True)
class Section:
    """The part of the report that answers one question; `claims` go to the report's beginning."""

    name: str
    question: str
    answer: str
    claims: Sequence[Claim] = ()
    comparisons: Sequence[tuple[str, Comparison | Difference]] = ()
    """What was compared, in words (`first completed order, Docker, warm`), with the result; the page adds the arms."""
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()
    limits: Sequence[str] = field(default_factory=tuple)
    skipped: Sequence[str] = ()
