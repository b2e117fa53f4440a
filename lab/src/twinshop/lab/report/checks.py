"""What the A/A pairs of a run say: told first, and in a table of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from twinshop.lab.report.numbers import ratio, signed, three_digits
from twinshop.lab.report.section import Compared, Section
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.verdict import Comparison


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One A/A pair; `effect` is what it does to the verdicts on the same figure."""

    section: str
    words: str
    value: str
    n: str
    outcome: str
    effect: str


def rows(sections: Sequence[Section]) -> list[CheckRow]:
    """All A/A pairs of the page."""
    return [
        CheckRow(section.name, words, _with_ends(pair), pair.counted, pair.words, _effect(pair))
        for section in sections
        for words, pair in section.checks
    ]


def cautions(sections: Sequence[Section], trials: Sequence[Trial]) -> list[str]:
    """What a reader must know of them before the first number."""
    told = []
    for section in sections:
        pairs = section.checks
        differing = [(words, pair) for words, pair in pairs if pair.outcome == "differs"]
        noisy = sum(pair.outcome == "too noisy" for _, pair in pairs)
        if differing:
            words, worst = max(differing, key=lambda each: each[1].reach)
            told.append(
                f"{section.name}: the same shop against itself differs in {len(differing)} of {len(pairs)} "
                f"figures, most in {_bare(words)}: {_with_ends(worst)}. Verdicts on these figures use intervals "
                "that are wider by that much."
            )
        if noisy:
            told.append(
                f"{section.name}: in {noisy} of {len(pairs)} figures the same shop against itself is too noisy to "
                "rule out effects that matter. An effect within that noise is called inconclusive."
            )
    unchecked = [section.name for section in sections if not section.checks and _compares(section.name, trials)]
    if unchecked:
        told.append(
            f"No shop was compared with itself (A/A) in {', '.join(unchecked)}, so the noise of these "
            "experiments is unknown."
        )
    return told


def _compares(name: str, trials: Sequence[Trial]) -> bool:
    return len({trial.spec.arm for trial in trials if trial.spec.experiment == name and trial.valid}) > 1


def _bare(words: str) -> str:
    return words.partition(", mono against")[0]


def _with_ends(pair: Compared) -> str:
    if isinstance(pair, Comparison):
        return f"{ratio(pair.ratio)} [{ratio(pair.low)}, {ratio(pair.high)}]" if pair.known else ratio(pair.ratio)
    return f"{signed(pair.value)} [{signed(pair.low)}, {signed(pair.high)}]" if pair.known else signed(pair.value)


def _effect(pair: Compared) -> str:
    if not pair.reach:
        return "none" if pair.known else "none: there is no interval"
    size = f"{ratio(exp(pair.reach))} times" if isinstance(pair, Comparison) else three_digits(pair.reach)
    if pair.outcome == "differs":
        return f"intervals are widened by {size}"
    return f"effects up to {size} are inconclusive"
