"""What the documents say of the committed runs is what their data say: every number with an interval, every verdict."""

import json
import re
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
import scipy

from twinshop.lab.experiments.communication import costs, counting
from twinshop.lab.experiments.deployment.groups import without_own_waits
from twinshop.lab.experiments.isolation.analysis import collateral
from twinshop.lab.experiments.isolation.lost_sessions import exactly
from twinshop.lab.experiments.reporting import sections_of
from twinshop.lab.experiments.scaling.cells import cells
from twinshop.lab.experiments.scaling.growth import growth
from twinshop.lab.experiments.startup.experiment import STARTED
from twinshop.lab.measurement.fault_trials import cells_of
from twinshop.lab.report import compared
from twinshop.lab.results.errata import read_errata
from twinshop.lab.results.figures import values
from twinshop.lab.results.run import Run
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.order import order_effect
from twinshop.lab.statistics.verdict import Comparison

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "report"
RUNS = {"first": FOLDER, "again": FOLDER / "again", "new": FOLDER / "2026-12-01"}
WITH_ERRATA = ("first", "again")
EXPERIMENTS = ("startup", "isolation", "scaling", "tax", "deploy")
DOCUMENTS = (
    "README.md",
    *(f"docs/{name}.md" for name in ("report/README", "plan", "related")),
    *(f"docs/experiments/{name}.md" for name in EXPERIMENTS),
)
INTERVAL = re.compile(r"(-?[\d.]+)(?: %| ms)?(?: times)? \[(-?[\d.]+)(?: %)?, (-?[\d.]+)(?: %)?\]")
WARM = "warm_first_order_s"


@pytest.fixture(scope="module")
def runs():
    """Trials and sections of the committed runs."""
    made = {}
    for name, folder in RUNS.items():
        found, wrong = sections_of(Run(folder))
        assert wrong == []
        made[name] = Run(folder).trials(), found
    return made


def in_one_line(path):
    return " ".join((ROOT / path).read_text(encoding="utf-8").split())


def two_digits(*values):
    return tuple(f"{value:.2f}" for value in values)


def known(runs):
    """Every value with its interval that may be quoted, as it is written."""
    found = set()
    for trials, sections in runs.values():
        for section in sections:
            for _, each in (*section.comparisons, *section.checks):
                if isinstance(each, Comparison):
                    found.add(two_digits(each.ratio, each.low, each.high))
            text = " ".join(claim.evidence for claim in section.claims)
            found |= set(INTERVAL.findall(text))
        cells = cells_of([each for each in trials if each.spec.experiment == "isolation"])
        for arm in ("mono", "micro"):
            for lost in collateral(cells, arm).values():
                ends = (lost.share.value, lost.low, lost.high)
                found.add(tuple(exactly(each).removesuffix(" %") for each in ends))
    price = costs.price(tax(runs))
    found |= {two_digits(each.value, each.low, each.high) for each in (price.call, price.process)}
    return found


def tax(runs):
    return [counting.with_net(each) for each in runs["first"][0] if each.spec.experiment == "tax"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_interval_that_a_document_tells_follows_from_the_data(document, runs):
    told = set(INTERVAL.findall(in_one_line(document)))

    assert told <= known(runs)
    assert told or "experiments" in document or "plan" in document


@pytest.mark.parametrize("name", WITH_ERRATA)
def test_every_interval_of_the_errata_follows_from_the_data(name, runs):
    told = {found for each in read_errata(RUNS[name]) for found in INTERVAL.findall(each.text)}

    assert told
    assert told <= known(runs)


def test_the_readme_of_the_report_has_every_claim_with_its_verdict(runs):
    text = in_one_line("docs/report/README.md")
    claims = [claim for section in runs["first"][1] for claim in section.claims]

    assert len(claims) == 19
    for claim in claims:
        assert re.search(rf"\| {re.escape(claim.text)} \| [a-z ]+ \| {claim.verdict} \|", text), claim.text


def test_three_claims_about_the_shapes_are_clear_as_the_readme_says(runs):
    claims = [claim for section in runs["first"][1] for claim in section.claims]

    assert {claim.text for claim in claims if claim.p is not None and claim.p < 0.05} == {
        "A monolith starts slowly, because every component must start.",
        "In a monolith, one component's failure takes everything down.",
        "With microservices, the rest of the shop carries on.",
    }
    assert f"Of its {len(claims)} claims, three" in in_one_line("README.md")


def test_the_table_of_the_readme_holds_the_clear_claims_with_their_verdicts_numbers_and_n(runs):
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \| (\d+) (\w+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    claims = {claim.text: claim for section in runs["first"][1] for claim in section.claims}

    assert {text for text, *_ in rows} == {
        text for text, each in claims.items() if each.p is not None and each.p < 0.05
    }
    for text, verdict, measured, number, unit in rows:
        evidence = claims[text].evidence
        (interval,) = re.findall(r"[\d.]+(?: %)? \[[\d.]+(?: %)?, [\d.]+(?: %)?\]", measured)
        assert verdict == claims[text].verdict
        assert f"{interval}, n = {number}" in evidence or f"{interval} of {number} {unit}" in evidence


def pairs_that_exclude_one(trials):
    """Of the first orders, pages and CPU times, restarts and memory: all figures, both runtimes."""
    own = [each for each in trials if each.spec.experiment == "startup"]
    figures = list(own[0].outcome.figures)
    found = [
        compare(own, figure, "mono", "mono again", smaller_is_better=True, where={"runtime": runtime})
        for runtime in ("docker", "local")
        for figure in figures
    ]
    assert {f"warm_{name}" for name in STARTED} < set(figures)
    return sum(not each.covers_none for each in found), len(found)


def again_first(trials):
    """In how many local blocks `mono again` came before `mono`."""
    local = [each for each in trials if each.spec.experiment == "startup" and each.spec.factors["runtime"] == "local"]
    at = {(each.spec.block, each.spec.arm): each.position for each in local}
    blocks = {block for block, _ in at}
    return sum(at[block, "mono again"] < at[block, "mono"] for block in blocks), len(blocks)


def test_what_the_errata_tell_of_the_a_a_pairs_is_so(runs):
    first, again = (" ".join(each.text for each in read_errata(RUNS[name])) for name in WITH_ERRATA)
    bad, number = pairs_that_exclude_one(runs["again"][0])

    assert f"{bad} of {number} such A/A intervals" in first
    assert f"{bad} of {number} such A/A intervals" in again
    assert "(here {} of {})".format(*pairs_that_exclude_one(runs["first"][0])) in first
    assert "came after its own repetition in {} of {} blocks".format(*again_first(runs["first"][0])) in first
    assert "came after its own repetition in {} of {} blocks".format(*again_first(runs["again"][0])) in again
    (judged,) = [
        each for _, each in next(s for s in runs["again"][1] if s.name == "startup").comparisons
        if each.figure == WARM and each.other == "micro" and each.allowance
    ]  # fmt: skip
    assert f"judged on the interval {compared.end_of(judged, -1)} to {compared.end_of(judged, 1)}" in first


@pytest.fixture(scope="module")
def errata():
    return " ".join(each.text for each in read_errata(FOLDER))


def test_the_drift_that_the_errata_take_back_was_the_blocks(runs, errata):
    trials = [each for each in tax(runs) if each.valid]
    sent = "sent_bytes_per_request"
    means = {arm: np.mean(values(trials, arm, sent)) for arm in costs.arms(trials)}
    by_position = [(each.position, each.outcome.figures[sent] / means[each.spec.arm]) for each in trials]

    assert f"rank correlation {scipy.stats.spearmanr(by_position).statistic:.2f}" in errata
    assert not any(order_effect(trials, figure).suspicious for figure in (sent, "p95_ms", "p50_ms", counting.COST))


def test_the_price_that_the_errata_take_back_is_a_line_through_the_origin(runs, errata):
    blocks = {}
    for each in tax(runs):
        if each.valid:
            blocks.setdefault(each.spec.block, {})[each.spec.arm] = each.outcome.figures
    prices = []
    for arms in blocks.values():
        rows = [
            (figures[costs.CALLS], figures[costs.SESSION] - arms["mono"][costs.SESSION]) for figures in arms.values()
        ]
        prices.append(sum(calls * extra for calls, extra in rows) / sum(calls**2 for calls, _ in rows))

    assert f"a call costs {np.mean(prices):.2f} ms" in errata


def test_what_the_errata_tell_of_deployments_is_so(runs, errata):
    trials = [each for each in runs["first"][0] if each.spec.experiment == "deploy"]
    section = next(each for each in runs["first"][1] if each.name == "deploy")
    found = dict(section.comparisons)
    rolling = {"patch": "catalog", "strategy": "rolling"}
    with_sleep = compare(trials, "deploy_s", "mono", "micro", smaller_is_better=True, where=rolling)
    awake = [without_own_waits(each) for each in trials]
    without = compare(awake, "deploy_s", "mono", "micro", smaller_is_better=True, where=rolling)
    widened = scipy.stats.t.ppf(0.975, 1)
    half = (log(without.high) - log(without.ratio)) / widened  # how far both blocks are from their mean
    pair = found["contracts, recreated: deployed in"].check
    bytes_ = [each.ratio for words, each in section.comparisons if words.endswith("new layers")]

    assert f"take {with_sleep.ratio:.2f} times as long" in errata
    assert f"gave {without.ratio * exp(-half):.2f} and {without.ratio * exp(half):.2f} times" in errata
    assert f"gave {pair.ratio:.2f} times with an interval from {pair.low:.2f} to {pair.high:.0f}" in errata
    assert f"{found['contracts, recreated: deployed in'].ratio:.2f} times as long" in errata
    told = f"{bytes_[0]:.2f} times as many for one component, {bytes_[-1]:.2f} times for a change of shared code"
    assert told in in_one_line("docs/report/README.md")


def test_growth_from_a_quota_to_pinning_is_what_the_errata_take_back(runs, errata):
    found = cells([each for each in runs["first"][0] if each.spec.experiment == "scaling"])
    mixed = growth([each for each in found if each.mix == "balanced" and each.cpus in (0.5, 1.0)], "mono")
    also = growth([each for each in found if each.mix == "balanced" and each.cpus in (0.5, 1.0)], "micro")

    assert f"by {mixed[-1].efficiency:.0%} of the ideal in the monolith".replace("%", " %") in errata
    assert f"by {also[-1].efficiency:.0%} in the microservices".replace("%", " %") in errata


def test_the_errata_are_json_that_says_which_experiments_they_concern():
    for folder in RUNS.values():
        names = set(json.loads((folder / "run.json").read_text(encoding="utf-8"))["experiments"])
        assert all(set(each.concerns) <= names for each in read_errata(folder))
