"""Known errors of a run, stored beside its data, come first on its page; what they withdraw has no verdict."""

import json
from dataclasses import replace

import pytest

from twinshop.lab.errors import LabError
from twinshop.lab.report.page import make_report
from twinshop.lab.report.section import Section
from twinshop.lab.report.withdrawn import without_withdrawn
from twinshop.lab.results.errata import Erratum, read_errata
from twinshop.lab.statistics.verdict import Comparison

ERRATUM = Erratum("The clock was wrong.", "It stood still <b>twice</b>.", ["startup"], ["x_s"])


def section(name="startup", other="micro"):
    found = Comparison("x_s", "mono", other, 2.0, 1.8, 2.2, 5, smaller_is_better=True)
    return Section(name, "?", "!", comparisons=[("first order", found)])


def verdicts(section):
    return [each.words for _, each in section.comparisons]


def test_errata_come_before_the_claims_and_stay_text(tmp_path):
    page = make_report(tmp_path, {}, [], [section()], errata=[ERRATUM]).read_text(encoding="utf-8")

    assert page.index("Known errors of this run") < page.index("The clock was wrong.") < page.index('id="claims"')
    assert "&lt;b&gt;twice&lt;/b&gt;" in page


def test_a_run_without_errata_has_no_such_block(tmp_path):
    assert "Known errors" not in make_report(tmp_path, {}, [], []).read_text(encoding="utf-8")
    assert read_errata(tmp_path) == []


def test_a_withdrawn_figure_keeps_its_number_and_loses_its_verdict_in_the_experiments_concerned():
    own, other = without_withdrawn([section(), section("tax")], [ERRATUM])
    (again,) = without_withdrawn([section(other="mono again")], [ERRATUM])

    assert verdicts(own) == ["withdrawn"]
    assert own.comparisons[0][1].ratio == 2.0
    assert own.comparisons[0][1].p == 1.0
    assert verdicts(other) == ["mono is better"]
    assert verdicts(again) == ["differs from itself"]


def test_a_figure_may_be_withdrawn_for_one_runtime_alone():
    found = Comparison("x_s", "mono", "micro", 2.0, 1.8, 2.2, 5, smaller_is_better=True)
    both = Section("startup", "?", "!", comparisons=[("docker, warm: x", found), ("local, warm: x", found)])

    (kept,) = without_withdrawn([both], [replace(ERRATUM, only="local")])

    assert verdicts(kept) == ["mono is better", "withdrawn"]


def test_errata_are_read_from_the_folder_of_the_run(tmp_path):
    (tmp_path / "errata.json").write_text(json.dumps([{"title": "A.", "text": "B.", "concerns": ["tax"]}]))

    assert read_errata(tmp_path) == [Erratum("A.", "B.", ["tax"])]


@pytest.mark.parametrize("text", ["{", '[{"title": "A."}]', '[{"title": "A.", "text": "", "concerns": [], "x": 1}]'])
def test_errata_of_another_form_are_an_error(text, tmp_path):
    (tmp_path / "errata.json").write_text(text)

    with pytest.raises(LabError, match="is not a list of errata"):
        read_errata(tmp_path)
