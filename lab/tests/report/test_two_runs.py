"""Two runs side by side."""

import math

import numpy as np
import pytest

from twinshop.lab.report.section import Claim, Section
from twinshop.lab.report.two_runs import RunSections, agreement, as_json, compare_runs
from twinshop.lab.statistics.intervals import mean
from twinshop.lab.statistics.verdict import Comparison, Difference


def ratio(value, low, high, words="first page, warm"):
    return words, Comparison("x_s", "mono", "micro", value, low, high, 10, smaller_is_better=True)


def run(name, *comparisons, **manifest):
    return RunSections(name, manifest, [Section("startup", "?", "!", comparisons=comparisons)])


def line(text, begin):
    return next(each for each in text.splitlines() if each.startswith(begin))


def test_the_same_comparison_stands_side_by_side_with_its_intervals():
    text = compare_runs(run("one", ratio(1.7, 1.6, 1.8)), run("other", ratio(1.72, 1.6, 1.85)))

    row = line(text, "startup: first page, warm (micro against mono)")
    assert "1.70 [1.60, 1.80]" in row
    assert "1.72 [1.60, 1.85]" in row
    assert row.endswith("they agree")


def test_results_that_are_far_apart_differ():
    text = compare_runs(run("one", ratio(1.7, 1.6, 1.8)), run("other", ratio(2.4, 2.2, 2.6)))

    assert line(text, "startup: first page").endswith("they differ")


def test_results_without_an_interval_cannot_be_told():
    text = compare_runs(run("one", ratio(1.7, math.nan, math.nan)), run("other", ratio(2.4, 2.2, 2.6)))

    assert line(text, "startup: first page").endswith("too few blocks to tell")


def test_a_result_agrees_with_itself():
    value, low, high = agreement(ratio(1.7, 1.6, 1.8)[1], ratio(1.7, 1.6, 1.8)[1])

    assert value == pytest.approx(1)
    assert low < 1 < high


def test_two_runs_of_the_same_thing_agree_in_95_percent():
    random = np.random.default_rng(4)

    def measured(n):
        found = mean(random.normal(0.5, 0.1, n))
        ends = [math.exp(each) for each in (found.value, found.low, found.high)]
        return Comparison("x_s", "mono", "micro", *ends, n, smaller_is_better=True)

    held = 0
    for _ in range(300):
        _, low, high = agreement(measured(5), measured(8))
        held += low <= 1 <= high
    assert 0.92 <= held / 300 <= 0.99


def test_differences_are_compared_by_their_difference():
    def lost(value, low, high):
        return Difference("lost", "mono", "micro", value, low, high, 5, smaller_is_better=True)

    assert agreement(lost(-10, -14, -6), lost(-20, -23, -17)) == pytest.approx((-10, -15, -5))


def test_a_ratio_and_a_difference_of_the_same_words_are_not_held_against_each_other():
    both = ("lost", Difference("lost", "mono", "micro", 1, 0, 2, 5, smaller_is_better=True))

    text = compare_runs(run("one", both), run("other", ratio(1.7, 1.6, 1.8, words="lost")))

    assert "The runs have no comparison in common." in text


def test_what_only_one_run_compared_is_named():
    text = compare_runs(run("one", ratio(1, 1, 1), ratio(2, 2, 2, words="memory")), run("other", ratio(1, 1, 1)))

    assert "Only in A: startup: memory (micro against mono)" in text


def test_what_was_different_about_the_runs_is_named():
    machine = {
        "commit": "aaaa",
        "processor": "One",
        "packages": {"uvicorn": "0.34"},
        "load_before": [1],
        "code_sha256": "f",
    }
    other = {**machine, "processor": "Other", "packages": {"uvicorn": "0.35"}, "load_before": [2]}

    text = compare_runs(
        run("one", seed=1, effort="full", machine=machine, began="x"),
        run("other", seed=2, effort="full", machine=other, began="y", options={"tax.rate": "5"}),
    )

    assert text.split("What was different\n")[1].splitlines() == [
        "  seed: 1 | 2",
        "  machine.processor: One | Other",
        "  machine.packages.uvicorn: 0.34 | 0.35",
        "  options.tax.rate: - | 5",
        "The code of the shop is the same in both.",
    ]


def test_runs_made_alike_are_said_to_be():
    assert compare_runs(run("one", seed=1), run("other", seed=1)).endswith(
        "same settings, code, versions and kind of machine."
    )


def claimed(name, **verdicts):
    return RunSections(name, {}, [Section("startup", "?", "!", claims=[Claim(*each, "") for each in verdicts.items()])])


def test_claims_agree_or_differ_only_where_both_runs_are_clear():
    one = claimed("one", same="holds", other="holds", open="holds", never="inconclusive", gone="holds")
    two = claimed("two", same="holds", other="does not hold", open="inconclusive", never="inconclusive", new="holds")

    found = {each["text"]: each["finding"] for each in as_json(one, two)["claims"]}
    assert found == {
        "same": "agrees",
        "other": "differs",
        **dict.fromkeys(("open", "never", "gone", "new"), "cannot tell"),
    }
    text = compare_runs(one, two)
    assert "Of 6 claims: 1 agrees, 1 differs, 4 cannot tell." in text
    assert line(text, "gone").split()[1:] == ["holds", "not", "measured", "cannot", "tell"]
