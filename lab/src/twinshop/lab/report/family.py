"""The claims of a run as one family: each verdict must stand although there are many of them."""

from collections.abc import Sequence
from dataclasses import replace

from twinshop.lab.report.section import Claim, Section
from twinshop.lab.statistics.evidence import holm
from twinshop.lab.statistics.intervals import CONFIDENCE

CLEAR = ("holds", "does not hold", "in part")


def corrected(sections: Sequence[Section]) -> list[Section]:
    """
    Return the sections with the verdicts that survive Holm's correction for the claims of the whole run.

    Among claims that are true nowhere, at most one run in twenty has any that is called clear. What does not survive
    is inconclusive, and says what it was before.
    """
    tested = [claim for section in sections for claim in section.claims if claim.p is not None]
    if not tested:
        return list(sections)
    values = iter(holm([claim.p for claim in tested if claim.p is not None]).tolist())
    return [
        replace(
            section,
            claims=[
                claim if claim.p is None else _judged(claim, next(values), len(tested)) for claim in section.claims
            ],
        )
        for section in sections
    ]


def _judged(claim: Claim, p: float, number: int) -> Claim:
    if claim.verdict not in CLEAR:
        return replace(claim, p=p)
    told = f"p {_written(p)} with Holm's correction for {number} claims"
    if p <= 1 - CONFIDENCE:
        return replace(claim, p=p, evidence=f"{claim.evidence} ({told}.)")
    verdict = f"\N{LEFT SINGLE QUOTATION MARK}{claim.verdict}\N{RIGHT SINGLE QUOTATION MARK}"
    lost = f"Taken alone, the verdict would be {verdict}: {told}."
    return replace(claim, verdict="inconclusive", p=p, evidence=f"{claim.evidence} {lost}")


def _written(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"  # noqa: PLR2004
