"""The report under `docs/report`: its page says what its data say."""

import re
from html import unescape
from pathlib import Path

import pytest

from twinshop.lab.experiments.reporting import sections_of
from twinshop.lab.results.run import Run

FOLDER = Path(__file__).parents[3] / "docs" / "report"


def sections_in(folder):
    found, wrong = sections_of(Run(folder))
    assert wrong == []
    return found


@pytest.fixture(scope="module")
def sections():
    return sections_in(FOLDER)


def test_the_claims_on_the_page_follow_from_the_data_beside_it(sections):
    page = " ".join(unescape((FOLDER / "report.html").read_text(encoding="utf-8")).split())
    claims = [claim for section in sections for claim in section.claims]
    assert len(claims) > 10
    for claim in claims:
        assert f"{claim.verdict}</p>" in page
        assert f'<p class="text">{claim.text}</p>' in page
        assert f'<p class="evidence">{" ".join(claim.evidence.split())}' in page


def test_every_section_has_an_answer_in_one_sentence_and_its_main_effects_are_measured(sections):
    for section in sections:
        assert section.headline.endswith("."), section.name
        assert len(section.headline) <= 110
        if section.name != "isolation":  # crashes did not restart by themselves in this run
            assert section.main_effects
            assert set(section.main_effects) <= {words for words, _ in section.comparisons}


def test_the_page_names_the_folder_from_which_it_is_made_again():
    assert "<code>uv run twinshop report docs/report</code>" in (FOLDER / "report.html").read_text(encoding="utf-8")


def test_every_table_of_the_page_is_there_as_csv(sections):
    names = {table.name for section in sections for table in section.tables}
    assert names
    assert {file.stem for file in (FOLDER / "tables").glob("*.csv")} >= names


def ratios_of_starts(sections):
    (start,) = [
        claim.evidence
        for section in sections
        for claim in section.claims
        if claim.evidence.startswith("Time to the first order of the whole shop")
    ]
    return re.findall(r"[\d.]+ \[[\d.]+, [\d.]+\]", start)


def test_the_starts_that_the_documents_tell_follow_from_the_data(sections):
    told = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    for measured in (sections, sections_in(FOLDER / "again")):
        ratios = ratios_of_starts(measured)
        assert len(ratios) == 3  # of containers, of local processes, and there of the monolith against itself
        for ratio in ratios:
            assert ratio in told
