"""What the A/A pairs of a run say, before the first number and in their table."""

import pytest

from twinshop.lab.report import checks
from twinshop.lab.report.compared import table
from twinshop.lab.report.section import Section
from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics.verdict import Comparison, Difference


def pair(low, high, figure="x_s", n=3):
    return Comparison(figure, "mono", "mono again", (low * high) ** 0.5, low, high, n, smaller_is_better=True)


def section(check, name="startup", low=1.6, high=2.4):
    found = Comparison("x_s", "mono", "micro", (low * high) ** 0.5, low, high, 3, smaller_is_better=True, check=check)
    return Section(name, "?", "!", comparisons=[("first order", found)])


def trials(*names):
    return [
        Trial(f"{name}-{arm}", Spec(name, arm, 0), 0, "", 1.0, Outcome({"x_s": 1.0}))
        for name in names
        for arm in ("mono", "micro")
    ]


@pytest.mark.parametrize(
    ("ends", "told", "effect"),
    [
        ((0.97, 1.04), [], "none"),
        ((0.761, 0.9), ["differs in 1 of 1 figures", "0.83 [0.76, 0.90]"], "intervals are widened by 1.31 times"),
        ((0.02, 32.0), ["in 1 of 1 figures", "too noisy"], "effects up to 50.0 times are inconclusive"),
    ],
)
def test_a_pair_that_fails_is_told_first_with_what_it_does_to_verdicts(ends, told, effect):
    made = [section(pair(*ends))]
    cautions = " ".join(checks.cautions(made, trials("startup")))

    assert all(words in cautions for words in told)
    assert bool(cautions) == bool(told)
    assert [row.effect for row in checks.rows(made)] == [effect]


def test_an_interval_that_was_widened_says_on_what_it_is_judged():
    (row,) = table(section(pair(0.761, 0.9)).comparisons).rows
    notes = table(section(pair(0.761, 0.9)).comparisons).common + row.notes

    assert any("judged on 1.22 to 3.15" in note for note in notes)
    assert row.verdict == "mono is better"


def test_an_effect_that_drowns_in_the_noise_says_so():
    made = table(section(pair(0.02, 32.0)).comparisons)

    assert any("too noisy for an effect of this size" in note for note in made.common)
    assert made.rows[0].verdict == "inconclusive"


def test_an_experiment_without_a_pair_is_named():
    made = [section(None, "scaling"), section(pair(0.97, 1.04)), Section("packaging", "?", "!")]

    assert checks.cautions(made, trials("scaling", "startup")) == [
        "No shop was compared with itself (A/A) in scaling, so the noise of these experiments is unknown."
    ]


def test_each_pair_is_told_once_and_differences_have_theirs():
    same = pair(0.97, 1.04)
    lost = Difference("lost", "mono", "mono again", -2, -9, 5, 3, smaller_is_better=True)
    made = Section(
        "deploy",
        "?",
        "!",
        comparisons=[*section(same).comparisons, *section(same).comparisons, ("again", same)],
        more_checks=[("lost", lost)],
    )

    assert [(words, each) for words, each in made.checks] == [("first order", same), ("lost", lost)]
    assert [row.effect for row in checks.rows([made])] == ["none", "effects up to 9.00 are inconclusive"]
