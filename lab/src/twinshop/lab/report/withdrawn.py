"""Verdicts that errata take back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from twinshop.lab.report.section import Compared, Section
from twinshop.lab.results.errata import Erratum


def without_withdrawn(sections: Sequence[Section], errata: Sequence[Erratum]) -> list[Section]:
    """Return the sections with no verdict on the figures that errata withdraw; the numbers stay."""
    return [replace(section, comparisons=_comparisons(section, _reasons(section.name, errata))) for section in sections]


def _reasons(name: str, errata: Sequence[Erratum]) -> Mapping[str, str]:
    return {
        figure: f"withdrawn: {erratum.title}"
        for erratum in errata
        if name in erratum.concerns
        for figure in erratum.withdraws
    }


def _comparisons(section: Section, reasons: Mapping[str, str]) -> Sequence[tuple[str, Compared]]:
    return [
        (words, each if each.noise_check else replace(each, withdrawn=reasons.get(each.figure)))
        for words, each in section.comparisons
    ]
