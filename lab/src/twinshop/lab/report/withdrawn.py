"""Verdicts that errata take back."""

from collections.abc import Sequence
from dataclasses import replace

from twinshop.lab.report.section import Compared, Section
from twinshop.lab.results.errata import Erratum


def without_withdrawn(sections: Sequence[Section], errata: Sequence[Erratum]) -> list[Section]:
    """Return the sections with no verdict on the figures that errata withdraw; the numbers stay."""
    return [replace(section, comparisons=_comparisons(section, errata)) for section in sections]


def _comparisons(section: Section, errata: Sequence[Erratum]) -> Sequence[tuple[str, Compared]]:
    return [
        (words, each if each.noise_check else replace(each, withdrawn=_reason(section.name, words, each, errata)))
        for words, each in section.comparisons
    ]


def _reason(name: str, words: str, compared: Compared, errata: Sequence[Erratum]) -> str | None:
    """Return why there is no verdict; `words` begin with the runtime where an experiment compares in several."""
    for erratum in errata:
        if name in erratum.concerns and compared.figure in erratum.withdraws and words.startswith(erratum.only):
            return f"withdrawn: {erratum.title}"
    return None
