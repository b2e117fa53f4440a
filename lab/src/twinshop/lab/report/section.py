"""What an experiment gives to the report: one question, one answer, plots, tables, limits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from matplotlib.figure import Figure

from twinshop.lab.statistics.verdict import Comparison, Difference

Judgement = Literal["holds", "does not hold", "in part", "inconclusive", "not measured"]
Compared = Comparison | Difference


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
    A claim of the lecture, compared with a measurement.

    Attributes:
        text: the claim.
        verdict: what the measurement says of it.
        evidence: one sentence with the number, its interval and n.
        p: how often chance alone gives as clear a verdict if it is wrong; 1 if it is open, None if nothing was
            estimated (bytes were counted, or nothing was measured). `family` corrects it for the claims of a run.
    """

    text: str
    verdict: Judgement
    evidence: str
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """
    The part of the report that answers one question.

    The report begins with the headlines of all sections, a chart of their main effects, and their claims.
    """

    name: str
    question: str
    answer: str
    claims: Sequence[Claim] = ()
    comparisons: Sequence[tuple[str, Compared]] = ()
    """What was compared, in words (`first completed order, Docker, warm`), with the result; the page adds the arms."""
    more_checks: Sequence[tuple[str, Compared]] = ()
    """A/A pairs of what is compared elsewhere than in `comparisons`."""
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()
    limits: Sequence[str] = field(default_factory=tuple)
    skipped: Sequence[str] = ()
    headline: str = ""
    """The answer in one plain sentence, with its figures; empty if there is none."""
    main_effects: Mapping[str, str] = field(default_factory=dict)
    """The `comparisons` that the chart of the report shows: their words, and how the chart names them."""

    @property
    def effects(self) -> list[tuple[str, Comparison]]:
        """The main effects that were measured, by their names in the chart."""
        return [
            (self.main_effects[words], each)
            for words, each in self.comparisons
            if words in self.main_effects and isinstance(each, Comparison) and not each.noise_check
        ]

    @property
    def checks(self) -> list[tuple[str, Compared]]:
        """All A/A pairs, each once, in words of what was compared."""
        found: dict[Compared, str] = {}
        for words, each in (*self.comparisons, *self.more_checks):
            pair = each if each.noise_check else each.check
            if pair is not None:
                found.setdefault(pair, words)
        return [(words, pair) for pair, words in found.items()]
