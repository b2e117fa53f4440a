"""The claims of a run are corrected for their number."""

import pytest

from twinshop.lab.report.family import corrected
from twinshop.lab.report.section import Claim, Section


def sections(*claims):
    """One section for each claim."""
    return [Section(f"s{at}", "?", "!", claims=[claim]) for at, claim in enumerate(claims)]


def claim(verdict, p):
    return Claim("Text.", verdict, "Evidence.", p)


def found(*claims):
    return [each for section in corrected(sections(*claims)) for each in section.claims]


def test_a_claim_survives_alone_and_falls_among_many():
    (alone,) = found(claim("holds", 0.03))
    among = found(claim("holds", 0.03), *[claim("inconclusive", 1.0)] * 3)

    assert (alone.verdict, alone.p) == ("holds", 0.03)
    assert "p = 0.030 with Holm's correction for 1 claims" in alone.evidence
    assert (among[0].verdict, among[0].p) == ("inconclusive", pytest.approx(0.12))
    assert "Taken alone, the verdict would be" in among[0].evidence


def test_what_was_counted_is_not_tested_and_does_not_count():
    counted, tested = found(claim("holds", None), claim("does not hold", 0.04))

    assert (counted.verdict, counted.evidence) == ("holds", "Evidence.")
    assert tested.verdict == "does not hold"


def test_the_claims_of_all_sections_are_one_family():
    verdicts = [each.verdict for each in found(claim("holds", 0.001), claim("in part", 0.03), claim("holds", 0.03))]

    assert verdicts == ["holds", "inconclusive", "inconclusive"]


def test_a_run_without_claims_has_no_family():
    assert found() == []
    assert found(claim("not measured", None))[0].verdict == "not measured"
