"""The section of `scaling` from made-up records whose answer is known."""

import random
from math import nan

import pytest

from twinshop.lab.experiments.scaling.case import ARMS, GROWN
from twinshop.lab.experiments.scaling.cells import cells
from twinshop.lab.experiments.scaling.experiment import EXPERIMENT
from twinshop.lab.experiments.scaling.growth import growth, usl
from twinshop.lab.report.style import look
from twinshop.lab.results.trial import Outcome, Spec, Trial

OBJECTIVE = {"percent": 95, "latency_ms": 200.0, "error_ratio": 0.001}


def probe(rate, capacity):
    passed = rate <= capacity
    latency = {"50": 10.0, "95": 40.0 if passed else 900.0, "99": 90.0 if passed else 1500.0}
    return {"rate": rate, "kind": "search", "passed": passed, "latency_ms": latency, "requests": 400}


def trial(arm, block, capacity, *, mix="balanced", cpus=1.0, limit=None, void=None, position=0):
    figures = {
        "capacity_sessions_per_s": capacity,
        "capacity_requests_per_s": 2.4 * capacity,
        "requests_per_s_per_processor": 2.4 * capacity / cpus,
        "requests_per_s_per_gib": 2.4 * capacity / (0.2 if arm == "mono" else 0.5),
        "memory_bytes": 2e8,
        "p95_ms": 150.0,
    }
    warm = {"cpu_seconds": {"catalog": 1.5, "storefront": 1.0, "cart": 0.5}}
    detail = {
        "objective": OBJECTIVE,
        "hot": "catalog" if arm == GROWN else None,
        "warm": warm,
        "probes": [probe(rate * capacity, capacity) for rate in (0.5, 0.8, 1.0, 1.2)],
    }
    factors = {"runtime": "docker", "mix": mix, "cpus": cpus, **({"limit": limit} if limit else {})}
    spec = Spec("scaling", arm, block, factors)
    outcome = Outcome({} if void else figures, detail, void)
    return Trial(f"scaling-{position:04}", spec, position, "2026-01-01T00:00:00Z", 60.0, outcome)


def skewed(ratios, cpus=1.0, blocks=4):
    """Blocks with the catalog hot; each arm carries 60 times its ratio, give or take one in a hundred."""
    luck = random.Random(1)
    return [
        trial(arm, block, 60 * ratio * luck.uniform(0.99, 1.01), mix="catalog-hot", cpus=cpus)
        for block in range(blocks)
        for arm, ratio in zip(ARMS, ratios, strict=True)
    ]


def curve(capacities, blocks=3, arm="mono", limit="quota"):
    luck = random.Random(2)
    return [
        trial(arm, 10 * block + at, capacity * luck.uniform(0.99, 1.01), cpus=cpus, limit=limit)
        for block in range(blocks)
        for at, (cpus, capacity) in enumerate(capacities.items())
    ]


def section(trials, skipped=()):
    return EXPERIMENT.section(trials, skipped)


def claim(made, words):
    (found,) = [each for each in made.claims if words in each.text]
    return found


def drawn(made):
    """All plots, drawn for a wide page and for a phone."""
    for narrow in (False, True):
        with look(narrow=narrow):
            for plot in made.plots:
                plot.draw().savefig("/dev/null", format="svg")
    return [plot.name for plot in made.plots]


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [((1, 0.6, 1.3), "holds"), ((1, 0.6, 0.7), "does not hold"), ((1, 0.6, 1.0), "does not hold")],
)
def test_whether_growing_the_hot_service_beats_the_monolith_is_told_from_two_processors_on(ratios, verdict):
    made = claim(section(skewed(ratios, cpus=2.0)), "one by one")

    assert made.verdict == verdict
    assert "growing catalog" in made.evidence
    assert f"{ratios[2]:.2f}"[:3] in made.evidence
    assert "n = 4" in made.evidence


def test_mixes_are_not_called_blocks():
    trials = [
        trial(arm, at, 60 * ratio * (1 + at / 50), mix=mix)
        for at, mix in enumerate(("balanced", "catalog-hot", "checkout-hot"))
        for arm, ratio in zip(ARMS, (1, 0.6, 0.7), strict=True)
    ]
    found = dict(section(trials).comparisons)["capacity, 3 mixes: micro / mono"]

    assert found.counted == "3\N{NO-BREAK SPACE}mixes"


def test_the_monolith_against_itself_is_the_check_of_the_capacities():
    again = [
        trial("mono again", block, 60 * (1.02 if block % 2 else 0.97), mix="catalog-hot", cpus=1.0)
        for block in range(4)
    ]
    made = section([*skewed((1, 0.6, 0.7)), *again])

    assert [pair.other for _, pair in made.checks] == ["mono again"] * len(made.checks)
    assert dict(made.comparisons)["capacity, catalog-hot: micro / mono"].check is not None


def test_with_one_processor_that_claim_stays_open_and_says_why():
    made = claim(section(skewed((1, 0.6, 0.6))), "one by one")

    assert made.verdict == "inconclusive"
    assert "fewer than two processors" in made.evidence


def test_the_comparisons_have_their_known_ratios():
    made = dict(section(skewed((1, 0.6, 0.75))).comparisons)

    ratios = {words: found.ratio for words, found in made.items()}
    assert ratios["capacity, catalog-hot: micro / mono"] == pytest.approx(0.6, rel=0.02)
    assert ratios["capacity, catalog-hot: micro, hot grown / micro"] == pytest.approx(1.25, rel=0.02)
    assert ratios["requests/s per GiB: micro / mono"] == pytest.approx(0.6 * 0.4, rel=0.02)
    assert {found.verdict for found in made.values()} == {"better", "worse"}


def test_growth_is_not_told_from_a_quota_to_pinned_processors():
    """Older runs do not say how a budget was given; there the whole ones were pinned."""
    older = claim(section(curve({0.5: 28, 0.75: 42, 1.0: 70}, limit=None)), "as a whole")
    both = section([*curve({0.5: 28, 0.75: 42, 1.0: 56}), *curve({1.0: 70}, limit="pinned")])

    assert "From 0.5 processors to 0.75 processors (quotas)" in older.evidence
    assert "2 times as much, its capacity grew 2.0" in claim(both, "as a whole").evidence
    (table,) = [each for each in both.tables if each.name == "scaling-capacity"]
    assert [row[1] for row in table.rows] == ["0.5", "0.75", "1 (quota)", "1"]
    assert "With 1 processor, the monolith" in both.headline or both.headline == ""


@pytest.mark.parametrize(
    ("capacities", "verdict"),
    [
        ({0.25: 14, 0.5: 28, 1.0: 55}, "holds"),
        ({0.25: 14, 0.5: 20, 1.0: 25}, "does not hold"),
    ],
)
def test_whether_the_monolith_grows_with_its_budget_is_told_from_its_efficiency(capacities, verdict):
    made = claim(section(curve(capacities)), "as a whole")

    assert made.verdict == verdict
    assert "From 0.25 processors to 1 processor (quotas), 4 times as much" in made.evidence


def test_without_a_second_budget_that_claim_is_not_measured():
    assert claim(section(skewed((1, 0.6, 0.6))), "as a whole").verdict == "not measured"


def test_speedup_and_efficiency_are_against_the_smallest_budget():
    found = cells(curve({0.25: 10, 0.5: 18, 1.0: 30}))
    rows = growth(found, "mono")

    assert [row.cpus for row in rows] == [0.25, 0.5, 1.0]
    assert [row.speedup for row in rows] == pytest.approx([1, 1.8, 3], rel=0.02)
    assert rows[-1].efficiency == pytest.approx(0.75, rel=0.02)
    assert rows[-1].low < rows[-1].speedup < rows[-1].high


def test_the_law_of_a_shop_that_passes_its_knee_is_found():
    """Capacities made with g = 10, a = 0.05, b = 0.02 in quarters of a processor: the peak is at N = 6.9."""
    law = lambda n: 10 * n / (1 + 0.05 * (n - 1) + 0.02 * n * (n - 1))  # noqa: E731
    found = usl(cells(curve({n / 4: law(n) for n in (1, 2, 4, 6, 8, 12, 16)})), "mono")

    assert found.not_identified is None
    assert (found.g, found.a, found.b) == pytest.approx((10, 0.05, 0.02), rel=0.25)
    assert found.peak == pytest.approx(6.9, rel=0.1)


def test_a_knee_that_was_not_seen_is_not_identified():
    made = section(curve({0.25: 14, 0.5: 28, 1.0: 55, 2.0: 108}))
    (table,) = [table for table in made.tables if table.name == "scaling-usl"]

    assert table.rows[0][4] == "not identified"


def test_void_trials_are_left_out_and_counted():
    trials = [*skewed((1, 0.6, 0.7)), trial("mono", 4, nan, mix="catalog-hot", void="the generator was late")]
    made = section(trials)

    assert "Invalid: 1 of 13 trials" in made.answer
    assert dict(made.comparisons)["capacity, catalog-hot: micro / mono"].n == 4


def test_nothing_but_void_trials_is_an_answer_too():
    made = section([trial("mono", 0, nan, void="something else used 40% of the shop's processors")])

    assert made.answer.startswith("No capacity was found: none of 1 trials is valid. something else used 40%")
    assert {each.verdict for each in made.claims} == {"not measured"}
    assert drawn(made) == []


def test_no_trials_at_all_are_an_answer_too():
    made = section([], ["This machine has one processor."])

    assert (made.answer, made.skipped) == ("Nothing was measured.", ["This machine has one processor."])


def test_a_single_block_has_ratios_without_intervals():
    made = section(skewed((1, 0.6, 0.7), blocks=1))

    assert {found.verdict for _, found in made.comparisons} == {"inconclusive"}
    assert claim(made, "one by one").verdict == "inconclusive"
    assert drawn(made)


@pytest.mark.slow
def test_every_plot_is_drawn_wide_and_for_a_phone():
    made = section(
        [*skewed((1, 0.6, 0.7)), *curve({0.25: 14, 0.5: 28, 0.75: 40, 1.0: 55}), *curve({1.0: 60}, limit="pinned")]
    )

    assert drawn(made) == [
        "scaling-ratios",
        "scaling-budgets",
        "scaling-latency-balanced",
        "scaling-latency-catalog-hot",
    ]
    assert len({table.name for table in made.tables}) == len(made.tables) == 4
    assert all(len(row) == len(table.header) for table in made.tables for row in table.rows)


def test_the_answer_names_the_budget_the_objective_and_what_each_arm_carried():
    answer = section(skewed((1, 0.5, 0.75))).answer

    assert "With 1 processor" in answer
    assert "p95 of all requests ≤ 200 ms" in answer
    assert "mono 60, micro 30, micro, hot grown 45" in answer


def test_the_busy_service_and_the_one_that_was_grown_are_told():
    (table,) = [table for table in section(skewed((1, 0.6, 0.7))).tables if table.name == "scaling-busy"]

    assert table.rows == [["catalog-hot", "catalog 50%, storefront 33%, cart 17%", "catalog"]]


def test_a_one_core_result_is_labelled():
    assert any(limit.startswith("One-core result") for limit in section(skewed((1, 0.6, 0.7))).limits)
    assert not any("One-core" in limit for limit in section(skewed((1, 0.6, 0.7), cpus=3.0)).limits)
