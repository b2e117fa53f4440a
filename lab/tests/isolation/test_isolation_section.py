"""The section about isolation: what it says of many records, of few, of void ones and of none."""

import pytest

from twinshop.lab.experiments.isolation import EXPERIMENT
from twinshop.lab.experiments.isolation.kept import cells_of
from twinshop.lab.report import style
from twinshop.lab.results.trial import Outcome, Spec, Trial

JOURNEYS = ("browse", "search", "translate", "cart", "checkout")
SETTINGS = {"rate": 15, "base": 3, "fault": 6, "after": 5, "patience": 3, "retries": 1}
MARKS = {"base": 3.2, "planting": 8.0, "planted": 8.1, "counted": 15, "over": 15, "healed": 15.1, "end": 24.0}
KEPT = {"counted": {f"I{number}": 300 for number in range(1, 8)}, "violations": [], "unchecked": {}}


def cell(fault, target, others, needing=1.0, void=None, **figures):
    """A fault that took so much of the journeys that do not need it, and of those that do."""
    blasts = {f"blast_{journey}_ratio": others for journey in JOURNEYS}
    good = [3] * 5 + [round(3 * (1 - others))] * 7 + [3] * 9
    course = {"first": 3, "offered": dict.fromkeys(JOURNEYS, [3] * 21), "good": dict.fromkeys(JOURNEYS, good)}
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
    assert "98% (98% to 98%, n = 4) when a process was down, hung or cut off" in section.claims[0].evidence
    assert "0% (0% to 0%, n = 4) when calls of one component failed or were slow" in section.claims[0].evidence
    assert "98% (98% to 98%, n = 4) and 0% (0% to 0%, n = 4) when a process was down" in section.answer
    assert "no invariant was violated in 2,400 checkouts" in section.answer


@pytest.mark.parametrize(
    ("mono", "micro", "expected"),
    [
        ({"crash": 1.0, "errors": 1.0}, {"crash": 0.0, "errors": 0.0}, ["holds", "holds", "does not hold"]),
        ({"crash": 0.2, "errors": 0.0}, {"crash": 0.2, "errors": 0.0}, ["does not hold", "in part", "holds"]),
        ({"crash": 1.0, "errors": 0.0}, {"crash": 0.9, "errors": 0.5}, ["in part", "does not hold", "holds"]),
        ({"crash": 1.0}, {"crash": 0.0}, ["holds", "holds", "not measured"]),
        ({"crash": 1.0, "database-down": 0.0}, {"crash": 0.0, "database-down": 0.0}, ["in part", "holds", "holds"]),
        ({"errors": 0.0}, {"errors": 0.0}, ["not measured", "holds", "holds"]),
    ],
)
def test_verdicts_follow_the_figures(mono, micro, expected):
    assert verdicts(EXPERIMENT.section(run(mono, micro), [])) == expected


def test_one_pair_tells_numbers_but_no_verdict():
    section = EXPERIMENT.section(run({"crash": 1.0}, {"crash": 0.0}, ["translate"]), [])

    assert verdicts(section)[:2] == ["inconclusive", "inconclusive"]
    assert "100% (n = 1) when a process was down" in section.claims[0].evidence


def test_targets_that_differ_leave_it_open():
    trials = [
        *run({"crash": 1.0}, {"crash": 0.0}, ["translate"]),
        *[trial(arm, 7, cell("crash", "cart", 0.3)) for arm in ("mono", "micro")],
    ]

    assert verdicts(EXPERIMENT.section(trials, []))[:2] == ["inconclusive", "inconclusive"]


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
    assert section.answer == "Nothing that counts was measured (2 faults do not count)."


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
        for arm, seconds in (("mono", 4.0 + block), ("micro", 2.0 + block / 2))
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
