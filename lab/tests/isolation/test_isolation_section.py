"""The section about isolation: what it says of many records, of few, of void ones and of none."""

import pytest

from twinshop.lab.experiments.isolation.design import Cell
from twinshop.lab.experiments.isolation.experiment import EXPERIMENT
from twinshop.lab.experiments.isolation.lost_sessions import ALL, OTHERS, against_itself, apart, exactly, lost
from twinshop.lab.experiments.isolation.tables import NOT_MEASURED
from twinshop.lab.measurement.fault_trials import cells_of
from twinshop.lab.report import style
from twinshop.lab.results.trial import Outcome, Spec, Trial

JOURNEYS = ("browse", "search", "translate", "cart", "checkout")
EACH = 30
"""Sessions of each journey in each second; six seconds of a fault count."""
SETTINGS = {"rate": 15, "base": 3, "fault": 6, "after": 5, "patience": 3, "retries": 1}
MARKS = {"base": 3.2, "planting": 8.0, "planted": 8.1, "counted": 15, "over": 15, "healed": 15.1, "end": 24.0}
KEPT = {"counted": {f"I{number}": 300 for number in range(1, 8)}, "violations": [], "unchecked": {}}


def cell(fault, target, others, needing=1.0, void=None, **figures):
    """A fault that took so much of the journeys that do not need it, and of those that do."""
    blasts = {f"blast_{journey}_ratio": others for journey in JOURNEYS}
    usual_, during, after = [EACH] * 5, [round(EACH * (1 - others))] * 7, [EACH] * 9
    needs = Cell(fault, target).needing()
    goods = {
        journey: [*usual_, *([round(EACH * (1 - needing))] * 7 if journey in needs else during), *after]
        for journey in JOURNEYS
    }
    course = {"first": 3, "offered": dict.fromkeys(JOURNEYS, [EACH] * 21), "good": goods}
    usual = {
        "blast_ratio": (others + needing) / 2,
        "needing_ratio": needing,
        "journeys_hit_ratio": 1.0 if others else 0.2,
        "residual_ratio": 0.0,
        "failed_sessions": 40.0,
        "detect_users_s": 0.9,
        "recover_s": 7.9,
        "mend_s": 1.0,
        "recovered": 1.0,
        "p99_ms": 150.0,
        "p95_ms": 90.0,
        "restarts": 0.0,
        **blasts,
        **({} if target == "storefront" else {"collateral_ratio": others}),
    }
    marks = {**MARKS, "lasting": fault != "crash-restart"}
    return {
        "fault": fault,
        "target": target,
        "figures": {**usual, **figures},
        "void": void,
        "evidence": "seen",
        "marks": marks,
        "course": course,
    }


def trial(arm, block, *cells, void=None, invariants=KEPT):
    detail = {"cells": list(cells), "settings": SETTINGS, "invariants": invariants}
    spec = Spec("isolation", arm, block, {"runtime": "docker", "faults": "…"})
    return Trial(f"isolation-{block}-{arm}", spec, 0, "2030-01-01T00:00:00.000+00:00", 60.0, Outcome({}, detail, void))


TARGETS = ("catalog", "cart", "payment", "translate")


def run(mono, micro, targets=TARGETS):
    """A block for each target; the arms lose so much of what does not need it, by fault."""
    return [
        trial(arm, block, *(cell(fault, target, lost) for fault, lost in losses.items()))
        for block, target in enumerate(targets)
        for arm, losses in (("mono", mono), ("micro", micro))
    ]


def verdicts(section):
    return [claim.verdict for claim in section.claims]


EVERYTHING_DOWN = {"crash": 1.0, "hang": 0.97, "block": 0.6, "errors": 0.0}
REST_CARRIES_ON = {"crash": 0.0, "hang": 0.01, "block": 0.0, "errors": 0.0}


def test_the_lecture_is_right_about_processes_and_not_about_calls():
    section = EXPERIMENT.section(run(EVERYTHING_DOWN, REST_CARRIES_ON), [])

    assert verdicts(section) == ["in part", "holds", "holds"]
    crashed = "98.3 % [97.9 %, 98.7 %] of 4,320 sessions"
    assert f"{crashed} when a process was down, hung or cut off" in section.claims[0].evidence
    assert "0 % [0 %, 0.2 %] of 2,160 sessions when calls of one component failed" in section.claims[0].evidence
    assert f"{crashed} and 0 % [0 %, 0.09 %] of 4,320 sessions when a process was down" in section.answer
    assert "no invariant was violated in 2,400 checkouts" in section.answer


@pytest.mark.parametrize(
    ("mono", "micro", "expected"),
    [
        ({"crash": 1.0, "errors": 1.0}, {"crash": 0.0, "errors": 0.0}, ["holds", "holds", "does not hold"]),
        ({"crash": 0.4, "errors": 0.0}, {"crash": 0.4, "errors": 0.0}, ["does not hold", "in part", "holds"]),
        ({"crash": 1.0, "errors": 0.0}, {"crash": 0.9, "errors": 0.5}, ["in part", "does not hold", "holds"]),
        ({"crash": 1.0}, {"crash": 0.0}, ["holds", "holds", "not measured"]),
        ({"crash": 1.0, "database-down": 0.0}, {"crash": 0.0, "database-down": 0.0}, ["in part", "holds", "holds"]),
        ({"errors": 0.0}, {"errors": 0.0}, ["not measured", "holds", "holds"]),
    ],
)
def test_verdicts_follow_the_figures(mono, micro, expected):
    assert verdicts(EXPERIMENT.section(run(mono, micro), [])) == expected


def test_one_component_tells_what_its_sessions_did_and_how_surely():
    section = EXPERIMENT.section(run({"crash": 1.0}, {"crash": 0.0}, ["translate"]), [])

    assert "100 % [99.5 %, 100 %] of 720 sessions when a process was down" in section.claims[0].evidence
    assert all(claim.p is None or claim.p < 0.01 for claim in section.claims[:2])


def test_none_lost_of_a_few_sessions_proves_nothing():
    few = run({"crash": 1.0}, {"crash": 0.0}, ["catalog"])  # one journey does not need it
    for each in few:
        (only,) = each.outcome.detail["cells"]
        only["course"]["offered"] = {name: [1] * 21 for name in JOURNEYS}
        only["course"]["good"] = {name: [min(1, good) for good in row] for name, row in only["course"]["good"].items()}
    micro = EXPERIMENT.section(few, []).claims[1]

    assert micro.verdict == "inconclusive"
    assert "of 6 sessions" in micro.evidence


def test_components_that_differ_are_told_apart():
    trials = [
        *run({"crash": 1.0}, {"crash": 0.0}, ["translate"]),
        *[trial(arm, 7, cell("crash", "cart", 0.3)) for arm in ("mono", "micro")],
    ]
    section = EXPERIMENT.section(trials, [])

    assert verdicts(section)[0] == "does not hold"
    assert "(30 % to 100 % by component)" in section.claims[0].evidence


def test_several_blocks_widen_the_interval_to_at_least_that_of_the_blocks():
    def runs(*losses):
        return cells_of([trial("mono", at, cell("crash", "cart", each)) for at, each in enumerate(losses)])

    alike, apart_ = lost(runs(0.33, 0.33), "mono", ["crash"]), lost(runs(0.0, 0.66), "mono", ["crash"])

    assert alike.share == apart_.share
    assert (alike.low, alike.high) == (alike.share.low, alike.share.high)
    assert (apart_.low, apart_.high) == (0.0, 1.0)
    assert apart_.p_below(0.8) > 0.05 > alike.p_below(0.8)


def test_only_faults_that_count_in_both_arms_are_held_against_each_other():
    trials = [
        trial("mono", 0, cell("crash", "cart", 1.0), cell("hang", "cart", 0.0)),
        trial("micro", 0, cell("crash", "cart", 0.0, void="not healthy"), cell("hang", "cart", 0.0)),
    ]

    assert apart(cells_of(trials), ["crash", "hang"], OTHERS).value == 0


def test_the_monolith_against_itself_is_the_check_of_what_is_lost():
    arms = {"mono": 1.0, "mono again": 0.66, "micro": 0.33}
    cells = cells_of([trial(arm, 0, cell("crash", "cart", lost_)) for arm, lost_ in arms.items()])
    section = EXPERIMENT.section([trial(arm, 0, cell("crash", "cart", lost_)) for arm, lost_ in arms.items()], [])

    assert against_itself(cells, ["crash"]).outcome == "differs"
    assert apart(cells, ["crash"], ALL).check is not None
    assert {pair.outcome for _, pair in section.checks} == {"differs"}


@pytest.mark.parametrize("fault", ["hang", "cut", "block"])
def test_when_users_who_are_kept_waiting_could_see_a_fault_is_known_only_by_the_ends_of_sessions(fault):
    trials = [trial(arm, 0, cell(fault, "cart", 1.0), cell("crash", "cart", 1.0)) for arm in ("mono", "micro")]
    waiting, failing = cells_of(trials)[:2]

    assert "detect_users_s" not in waiting.outcome.figures
    trials[0].outcome.detail["cells"][0]["ended"] = {}
    assert cells_of(trials)[0].outcome.figures["detect_users_s"] == 0.9
    assert failing.outcome.figures["detect_users_s"] == 0.9


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.0041, "0.4 %"),
        (0.0004, "0.04 %"),
        (0.994, "99.4 %"),
        (0.25, "25 %"),
        (-0.23, "\N{MINUS SIGN}23 %"),
    ],
)
def test_shares_close_to_none_or_all_are_told_to_a_tenth(share, text):
    assert exactly(share) == text


def test_without_records_nothing_is_claimed():
    section = EXPERIMENT.section([], [])

    assert section.answer == "Nothing was measured."
    assert verdicts(section) == ["not measured"] * 3
    assert (section.plots, section.tables) == ([], [])


def test_void_faults_are_listed_and_do_not_count():
    trials = [
        trial("mono", 0, cell("crash", "cart", 1.0, void="not healthy before the fault"), cell("hang", "cart", 1.0)),
        trial("micro", 0, cell("crash", "cart", 0.0), void="failed: no disk"),
    ]
    section = EXPERIMENT.section(trials, [])
    (void,) = [table for table in section.tables if table.name == "isolation-void"]

    assert [cell.outcome.void for cell in cells_of(trials)] == ["not healthy before the fault", None, "failed: no disk"]
    assert void.rows == [
        ["crash", "cart", "mono", "not healthy before the fault"],
        ["crash", "cart", "micro", "failed: no disk"],
    ]
    assert section.answer == "No valid fault was measured (2 faults are invalid)."


def test_a_trial_that_failed_before_its_first_fault_has_nothing_to_tell():
    failed = Trial(
        "isolation-0000", Spec("isolation", "mono", 0, {"runtime": "local"}), 0, "", 1.0, Outcome({}, {}, "failed")
    )

    assert EXPERIMENT.section([failed], []).answer == "Nothing was measured."


def test_what_a_runtime_cannot_do_is_told():
    impossible = {"fault": "cut", "target": "cart", "cannot": "all processes share the loopback interface."}
    section = EXPERIMENT.section([trial("mono", 0, impossible)], ["no Docker"])

    assert section.skipped == ["no Docker", "cut cart: all processes share the loopback interface."]


def test_violations_are_told_first_and_in_the_table():
    broken = {**KEPT, "violations": [{"invariant": "I6", "subject": "cart 3", "detail": "2 acknowledged, 0 found"}]}
    trials = [
        trial("mono", 0, cell("crash", "cart", 1.0)),
        trial("micro", 0, cell("crash", "cart", 0.0), invariants=broken),
    ]
    section = EXPERIMENT.section(trials, [])
    (table,) = [table for table in section.tables if table.name == "isolation-invariants"]
    rows = {(arm, invariant[:2]): numbers for arm, invariant, *numbers in table.rows}

    assert "Invariants were violated (micro: 1) in 600 checkouts" in section.answer
    assert rows["micro", "I6"] == ["300", "1", "\N{EN DASH}"]
    assert rows["mono", "I6"] == ["300", "0", "below 1.00%"]


def test_the_time_to_recover_from_a_crash_is_compared():
    trials = [
        trial(arm, block, cell("crash-restart", target, 0.3, recover_s=seconds))
        for block, target in enumerate(TARGETS)
        for arm, seconds in (("mono", 4.0 + block), ("micro", (2.0 + block / 2) * (1.02 if block % 2 else 1 / 1.02)))
    ]
    ((words, found),) = EXPERIMENT.section(trials, []).comparisons

    assert words == "time until a crashed process serves again: micro / mono"
    assert (found.ratio, found.n, found.verdict) == (pytest.approx(0.5), 4, "better")


def test_predictions_stand_beside_what_was_measured():
    trials = [
        trial(arm, 0, cell("crash", "translate", 0.0, blast_ratio=blast))
        for arm, blast in (("mono", 0.98), ("micro", 0.21))
    ]
    (table,) = [table for table in EXPERIMENT.section(trials, []).tables if table.name == "isolation-model"]

    assert table.rows == [["translate", "mono", "100%", "98%"], ["translate", "micro", "20%", "21%"]]


def test_the_components_and_faults_are_those_of_the_run_not_those_of_today():
    section = EXPERIMENT.section(run({"crash": 1.0, "gone": 0.2}, {"crash": 0.1, "gone": 0.2}, ("reviews", "cart")), [])

    tables = {table.name: table for table in section.tables}
    assert [row[:2] for row in tables["isolation-model"].rows] == [
        *(["cart", arm] for arm in ("mono", "micro")),
        *(["reviews", arm] for arm in ("mono", "micro")),
    ]
    assert {row[2] for row in tables["isolation-model"].rows[2:]} == {NOT_MEASURED}, "what needs it is not known"
    assert [row[:2] for row in tables["isolation-losses"].rows[-2:]] == [["gone", "reviews"]] * 2
    assert {plot.name for plot in section.plots} >= {"isolation-cart", "isolation-reviews"}
    for plot in section.plots:
        plot.draw()


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.slow
def test_every_plot_can_be_drawn(narrow):
    trials = [*run(EVERYTHING_DOWN, REST_CARRIES_ON), trial("mono", 9, cell("crash", "storefront", 1.0))]
    section = EXPERIMENT.section(trials, [])
    names = [plot.name for plot in section.plots]

    assert names == [
        "isolation-blast",
        "isolation-collateral",
        *(f"isolation-{target}" for target in ("cart", "catalog", "payment", "storefront", "translate")),
        "isolation-courses",
    ]
    for plot in section.plots:
        with style.look(narrow=narrow):
            figure = plot.draw()
            figure.canvas.draw()
        assert figure.axes
        assert plot.caption
