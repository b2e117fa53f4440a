"""Figures and section, from loads and records as they are kept."""

import pytest

from twinshop.lab.experiments.deployment.course import Course, Timestamps
from twinshop.lab.experiments.deployment.experiment import EXPERIMENT
from twinshop.lab.experiments.deployment.figures import outcome
from twinshop.lab.experiments.deployment.groups import without_own_waits
from twinshop.lab.experiments.deployment.patches import Patched
from twinshop.lab.invariants import Checked
from twinshop.lab.load.api import LoadPlan, Phase
from twinshop.lab.measurement.versions import Sample
from twinshop.lab.report import style
from twinshop.lab.results.trial import Outcome, Spec, Trial

MARKS = Timestamps(
    base=4.2, begun=9.5, done=15.0, bad_begun=21.0, noticed=25.0, returning=25.0, back=29.0, end=35.0
)  # seconds of the load
DOWN = {10: 6, 11: 10, 12: 10, 22: 10, 23: 10}
"""Of ten sessions a second, those that fail."""


class Load:
    """Ten sessions a second; some seconds are bad."""

    plan = LoadPlan("http://127.0.0.1:1", (Phase(600, 10, 10),), {"browse": 1})
    generator_cpu_ratio = 0.3

    def late(self, *, start, end):
        return None

    def sessions(self, *, start, end, journey):
        return 10

    def good_ratio(self, *, start, end, journey):
        return 1 - DOWN.get(start, 0) / 10

    def slower(self, ms, start, end):
        return sum(7 for second in DOWN if start <= second < end)

    def errors(self):
        return {"503": 46}


SAMPLES = [Sample(100.0, {"mono": ["a"]}), Sample(113.0, {"mono": ["a", "b"]}), Sample(114.5, {"mono": ["b"]})]
COURSE = Course(MARKS, 100.0, 1, SAMPLES, {"mono": "a"}, all_new=True, all_back=True)
IMAGES = Patched({"mono": "x:good"}, {"mono": "x:bad"}, build_seconds=1.5, new_bytes=4_000_000)


def test_failures_of_the_good_and_of_the_bad_patch_are_counted_apart():
    found = outcome(Load(), COURSE, IMAGES, Checked({"I1": 30}))

    figures = found.figures
    assert (figures["failed_sessions"], figures["bad_failed_sessions"]) == (26, 20)
    assert (figures["affected_s"], figures["bad_affected_s"]) == (3, 2)
    assert figures["sessions"] == 10 * (20 - 8)
    assert figures["slow_requests"] == 21
    assert figures["least_goodput_per_s"] == pytest.approx(4 / 3)
    assert figures["base_goodput_per_s"] == 10
    assert figures["deploy_s"] == 5.5
    assert figures["mixed_s"] == 1.5
    assert figures["notice_s"] == figures["rollback_s"] == 4.0
    assert found.void is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"all_new": False}, "not every process answered with the new code"),
        ({"all_back": False}, "after the rollback not every process answered with the old code"),
        ({"marks": Timestamps(4.2, 9.5, 15.0, 21.0, None, 25.0, 29.0, 35.0)}, "the bad patch started"),
        (
            {"marks": Timestamps(9.2, 13.5, 15.0, 21.0, 25.0, 25.0, 29.0, 35.0)},
            "only 4 of 20 sessions succeeded before it",
        ),
    ],
)
def test_what_was_not_seen_to_happen_does_not_count(change, why):
    values = {name: getattr(COURSE, name) for name in Course.__slots__} | change
    assert outcome(Load(), Course(**values), IMAGES, Checked()).void == why


FAILED = {("catalog", "recreate"): (50, 9), ("contracts", "recreate"): (50, 70), ("contracts", "rolling"): (0, 0)}
SECONDS = {"mono": 5.0, "micro": 3.0}
OWN_WAITS = 6.0
"""Two store fronts, one after the other, each given three seconds by the lab."""


def trial(arm, case, block, failed):
    patch, strategy = case
    parts = 5 if (arm, patch) == ("micro", "contracts") else 1
    made = outcome(Load(), COURSE, IMAGES, Checked({"I1": 30}))
    figures = {
        **made.figures,
        "failed_sessions": failed + block % (3 if arm == "micro" else 2) if failed else 0,
        "bad_failed_sessions": 0.0 if strategy == "rolling" else 80.0,
        "deploy_s": SECONDS[arm.split()[0]] * parts + 0.1 * (block % 3) + (OWN_WAITS if strategy == "rolling" else 0),
        "new_bytes": 4e6 if arm.startswith("mono") else 5e5 * parts,
        "processes": parts,
    }
    spec = Spec("deploy", arm, block, {"runtime": "docker", "patch": patch, "strategy": strategy})
    return Trial(f"deploy-{block}-{arm}", spec, 0, "", 60.0, Outcome(figures, made.detail))


def run(blocks=5):
    trials = []
    for number, (case, failed) in enumerate(FAILED.items()):
        for block in range(number * blocks, (number + 1) * blocks):
            trials += [trial(arm, case, block, usual) for arm, usual in zip(SECONDS, failed, strict=True)]
    return trials


def verdicts(trials):
    return [claim.verdict for claim in EXPERIMENT.section(trials, []).claims]


def test_the_claims_are_held_against_the_measurement():
    section = EXPERIMENT.section(run(), [])

    assert {claim.text: claim.verdict for claim in section.claims} == {
        "Deploying a patch of one component loses fewer visitors in microservices.": "holds",
        "A patch of one component ships fewer bytes in microservices.": "holds",
        "A change that all components share costs microservices more than the monolith.": "holds",
        "Rolling out a patch loses no visitor.": "holds",
        "A patch that does not start reaches no visitor if it is rolled out.": "holds",
    }
    assert "restarts 5 processes in micro and takes 2.9" in section.claims[2].evidence
    assert "No invariant was violated" in section.answer


@pytest.mark.parametrize(
    ("arm", "patch", "strategy", "seconds"),
    [
        ("mono", "catalog", "rolling", 4.0),
        ("mono again", "catalog", "rolling", 4.0),
        ("micro", "catalog", "rolling", 10.0),
        ("micro", "contracts", "rolling", 4.0),
        ("micro", "storefront", "rolling", 4.0),
        ("mono", "catalog", "recreate", 10.0),
    ],
)
def test_the_lab_s_own_sleeps_are_no_part_of_the_time_to_deploy(arm, patch, strategy, seconds):
    spec = Spec("deploy", arm, 0, {"runtime": "docker", "patch": patch, "strategy": strategy})
    found = without_own_waits(Trial("deploy-0", spec, 0, "", 60.0, Outcome({"deploy_s": 10.0})))

    assert found.outcome.figures["deploy_s"] == seconds


def test_no_visitor_of_a_few_is_no_proof_of_none():
    few = [trial for trial in run() if trial.spec.block % 5 < 2]
    (claim,) = [each for each in EXPERIMENT.section(few, []).claims if each.text.startswith("Rolling out")]

    assert claim.verdict == "inconclusive"
    assert "mono lost 0 of 240 in 2 deployments (at most 1.5%)" in claim.evidence


def test_claims_that_are_wrong_are_told_so():
    turned = []
    for each in run():
        arm = {"mono": "micro", "micro": "mono"}[each.spec.arm]
        turned.append(Trial(each.id, Spec("deploy", arm, each.spec.block, each.spec.factors), 0, "", 1.0, each.outcome))
    assert verdicts(turned)[:3] == ["does not hold"] * 3


def test_one_block_is_too_few_for_times_and_visitors():
    assert verdicts(run(blocks=1))[0] == verdicts(run(blocks=1))[2] == "inconclusive"


@pytest.mark.slow
def test_tables_and_plots_have_every_case():
    section = EXPERIMENT.section(run(), [])

    good, bad = section.tables
    assert [tuple(row[:3]) for row in good.rows][:2] == [
        ("catalog, recreated", "mono", "5"),
        ("catalog, recreated", "micro", "5"),
    ]
    assert len(good.rows) == len(bad.rows) == 2 * len(FAILED)
    assert [plot.name for plot in section.plots] == ["deploy-lost", *(f"deploy-course-{at}" for at in (1, 2, 3))]
    for narrow in (False, True):
        with style.look(narrow=narrow):
            for plot in section.plots:
                plot.draw().draw_without_rendering()


@pytest.mark.parametrize("trials", [[], [run()[0]], [run()[0].voided("the bad patch started")]])
def test_few_trials_make_a_section_too(trials):
    section = EXPERIMENT.section(trials, ["no Docker"])
    assert section.answer
    assert section.skipped == ["no Docker"]
    assert {claim.verdict for claim in section.claims} == {"not measured"}
    assert not section.comparisons
