"""The planner against simulated queues whose answer is known."""

from dataclasses import replace
from math import inf, log

import numpy as np
import pytest

from twinshop.lab.errors import LabError
from twinshop.lab.plan import checking
from twinshop.lab.plan.demand import fit_demands
from twinshop.lab.plan.model import fit
from twinshop.lab.plan.points import Point, measured
from twinshop.lab.plan.queueing import erlang_c, utilisation_of, waiting
from twinshop.lab.plan.sizing import Goal, size

SERVICE_S = 0.010
TAIL = log(100)
"""p99 of an exponential time, in means."""


@pytest.fixture(scope="module")
def mono(trials):
    return measured(trials, "mono", "balanced")


@pytest.fixture(scope="module")
def fitted(mono):
    return fit(mono, resamples=60)


@pytest.mark.parametrize(("k", "used", "wait"), [(1, 0.5, 0.5), (2, 0.75, 0.6429), (4, 0.5, 0.1739), (10, 0.9, 0.6687)])
def test_erlangs_c_is_that_of_the_tables(k, used, wait):
    assert erlang_c(k, used) == pytest.approx(wait, abs=2e-4)


def test_a_queue_of_one_waits_as_pollaczek_and_khinchine_have_it():
    assert waiting(1, 0.8) == pytest.approx(4.0)
    assert waiting(3, 1.0) == inf


@pytest.mark.parametrize("k", [1, 2, 16])
def test_the_utilisation_of_a_wait_is_found_again(k):
    assert utilisation_of(k, waiting(k, 0.83)) == pytest.approx(0.83)
    assert utilisation_of(k, 0.0) == 0


def test_demands_are_told_from_what_is_used_without_requests_and_the_kernels_work_is_laid_on():
    points = [
        Point(
            "a", 1.0, {}, rate, 1000, {"mono": 0.02 + 0.008 * rate, "redis": 0.002 * rate, "outside": 0.001 * rate}, {}
        )
        for rate in (10, 30, 60)
    ]

    found = fit_demands(points)

    assert found.keys() == {"mono", "redis"}
    assert found["mono"].seconds == pytest.approx(0.008 * 1.1)
    assert found["mono"].idle == pytest.approx(0.02)
    assert found["redis"].seconds == pytest.approx(0.002 * 1.1)


def test_the_latency_law_of_a_queue_is_recovered(fitted):
    """Of M/M/1, every quantile is that of the service time / (1 - u)."""
    for q, tail in (("50", log(2)), ("95", log(20)), ("99", TAIL)):
        law = fitted.best.laws[q]
        assert law.floor == pytest.approx(1e3 * SERVICE_S * tail, rel=0.1)
        assert law(4.0) == pytest.approx(1e3 * SERVICE_S * tail * 5, rel=0.1)


@pytest.mark.parametrize("p99_ms", [100.0, 150.0, 230.0])
def test_the_processors_for_a_load_are_those_of_the_queue(fitted, p99_ms):
    plan = size(fitted, Goal(5000, {"99": p99_ms}))

    truth = 1 - 1e3 * SERVICE_S * TAIL / p99_ms
    assert plan.utilisation.value == pytest.approx(truth, rel=0.05)
    assert plan.processors.low <= 5000 * SERVICE_S / truth <= plan.processors.high
    assert plan.latency_ms["99"].value == pytest.approx(p99_ms, rel=0.01)
    assert plan.latency_ms["99"].low < p99_ms < plan.latency_ms["99"].high


def test_replicas_memory_and_cost_follow_from_the_parts(trials):
    fits = fit(measured(trials, "micro", "balanced"), resamples=40)

    plan = size(fits, Goal(1000, {"99": 150.0}, prices=(0.05, 0.01)))

    wanted = {
        name: -(-1000 * SERVICE_S * share // plan.utilisation.value)
        for name, share in (
            ("storefront", 0.4),
            ("catalog", 0.2),
            ("cart", 0.1),
            ("payment", 0.05),
            ("translate", 0.05),
        )
    }
    assert {name: part.replicas.value for name, part in plan.parts.items() if part.replicas} == wanted
    assert plan.parts["redis"].replicas is None
    assert plan.parts["catalog"].memory_bytes.value == wanted["catalog"] * 100 * 2**20
    gib = plan.memory_bytes.value / 2**30
    assert gib == pytest.approx((sum(wanted.values()) * 100 + 50) / 1024)
    assert plan.cost_per_hour.value == pytest.approx(0.05 * plan.processors.value + 0.01 * gib)
    assert sum(part.processors.value for part in plan.parts.values()) == pytest.approx(plan.processors.value)


def test_without_prices_there_is_no_cost(fitted):
    assert size(fitted, Goal(1000, {"99": 150.0})).cost_per_hour is None


def test_the_stricter_of_two_bounds_decides(fitted):
    alone = size(fitted, Goal(1000, {"99": 100.0}))

    both = size(fitted, Goal(1000, {"50": 1000.0, "99": 100.0}))

    assert both.utilisation.value == alone.utilisation.value


def test_replicas_whose_workers_share_a_queue_can_be_busier(fitted):
    one, four = (size(fitted, Goal(5000, {"99": 90.0}, workers=workers)) for workers in (1, 4))

    assert four.utilisation.value > one.utilisation.value
    assert four.parts["mono"].replicas.value < one.parts["mono"].replicas.value


def test_nothing_is_planned_busier_than_was_measured(fitted):
    plan = size(fitted, Goal(1000, {"99": 10_000.0}))

    assert plan.utilisation.value == pytest.approx(0.85, abs=0.01)
    assert any("no higher one was measured" in warning for warning in plan.warnings)


def test_it_says_how_far_beyond_the_measured_rates_it_goes(fitted):
    beyond, inside = (size(fitted, Goal(rate, {"99": 150.0})) for rate in (10_000, 50))

    assert any("times the" in warning and "is assumed" in warning for warning in beyond.warnings)
    assert not any("times the" in warning for warning in inside.warnings)
    assert any("one of each store" in warning for warning in beyond.warnings)


def test_a_quantile_that_rests_on_few_requests_is_told(mono, fitted):
    few = fit(replace(mono, points=[replace(point, requests=300) for point in mono.points]), resamples=5)

    warnings = size(few, Goal(50, {"50": 100.0, "99": 150.0})).warnings

    assert "p99 rests on 3,600 requests, 36 of them beyond it; it should be 100 or more." in warnings
    assert not any("rests on" in warning for warning in size(fitted, Goal(50, {"99": 150.0})).warnings)


def test_a_bound_below_what_a_request_takes_by_itself_cannot_be_reached_at_any_size(fitted):
    with pytest.raises(LabError, match="p99 of 30 ms cannot be reached at any size"):
        size(fitted, Goal(10, {"99": 30.0}))


def test_two_processors_are_a_queue_with_two_servers(make_trial):
    data = measured([make_trial(number, "mono", cpus=2.0) for number in (1, 2)], "mono", "balanced")

    fits = fit(data, resamples=0)

    assert sum(each.seconds for each in fits.best.demands.values()) == pytest.approx(SERVICE_S, rel=0.02)
    # M/M/2: the mean wait is that of the formula times the service time, and a median follows it closely.
    predicted = [fits.best.laws["50"](waiting(2, used)) for used in (0.3, 0.5, 0.7, 0.85)]
    truth = [np.median([p.latency_ms["50"] for p in data.points[index::4]]) for index in range(4)]
    assert predicted == pytest.approx(truth, rel=0.12)


@pytest.mark.slow
def test_contention_between_budgets_makes_a_plan_larger_and_bounds_it(make_trial):
    n = np.array([1, 2, 3, 4, 6, 8])
    data = measured([make_trial(1, "mono"), make_trial(3, "mono")], "mono", "balanced")
    rates = 85 * n / (1 + 0.05 * (n - 1))
    noise = np.random.default_rng(1).normal(1, 0.005, (2, len(n)))
    capacities = [(float(size_), float(rate)) for row in noise for size_, rate in zip(n, rates * row, strict=True)]

    fits = fit(replace(data, capacities=capacities), resamples=20)

    assert fits.law is not None
    alone = size(fit(data, resamples=20), Goal(900, {"99": 150.0})).processors.value
    # 900 = 85 n / (1 + 0.05 (n - 1)) has n = 21.4; eight carry 504 of the 680 that one processor would promise.
    assert size(fits, Goal(900, {"99": 150.0})).processors.value / alone == pytest.approx(21.4 / 900 * 504 / 8, rel=0.1)
    with pytest.raises(LabError, match="By the scalability law over its budgets"):
        size(fits, Goal(5000, {"99": 150.0}))


def test_points_left_out_of_a_queue_are_predicted_and_lie_in_their_intervals(mono):
    found = checking.check(mono, resamples=40)

    assert len(found.of("p99")) == len(mono.points) == 12
    assert checking.mape(found.of("p99", outside=False)) < 0.15
    assert checking.mape(found.of("processors")) < 0.03
    assert checking.coverage(found.of("p95", outside=False)) >= 0.75


def test_the_capacity_of_a_size_is_predicted_from_the_others(make_trial):
    trials = [make_trial(1, "mono"), make_trial(2, "mono"), make_trial(3, "mono", cpus=2.0)]

    found = checking.check(measured(trials, "mono", "balanced"), resamples=20)

    at_two = [each for each in found.of("capacity") if each.at == 2]
    assert [each.outside for each in at_two] == [True]
    # p95 of M/M/2 is 200 ms at 93 % of both processors; the queue was declared to carry 85 %.
    assert at_two[0].predicted.value == pytest.approx(2 * 0.93 / SERVICE_S, rel=0.06)
    assert at_two[0].error > 0


def test_no_latency_is_predicted_where_a_queue_does_not_settle(make_trial):
    used = (0.3, 0.5, 0.7, 0.98)
    data = measured([make_trial(number, "mono", utilisations=used) for number in (1, 2)], "mono", "balanced")

    found = checking.check(data, resamples=5)

    assert max(each.at for each in found.of("p99")) < 75
    assert len(found.of("processors")) == 8
    assert any(reason.startswith("2 points at which more than 95%") for reason in found.skipped)
    assert size(fit(data, resamples=5), Goal(1000, {"99": 9000.0})).utilisation.value < 0.75


def test_a_check_says_what_cannot_be_left_out(make_trial):
    found = checking.check(measured([make_trial(1, "mono")], "mono", "balanced"), resamples=5)

    assert any("the size 1 processors" in reason for reason in found.skipped)


def changed(trial, **more):
    detail = {**trial.outcome.detail, "ladder": [{**row, **more} for row in trial.outcome.detail["ladder"]]}
    return replace(trial, outcome=replace(trial.outcome, detail=detail))


@pytest.mark.parametrize(
    "spoilt",
    [
        {"void": "late"},
        {"dropped": 1},
        {"good_ratio": 0.9},
        {"stolen_ratio": 0.5},
        {"growth": 5.0, "latency_ms": {"50": 60.0, "95": 150.0, "99": 190.0}},
    ],
)
def test_points_at_which_the_shop_did_not_keep_up_or_was_disturbed_do_not_count(trials, spoilt):
    data = measured([changed(each, **spoilt) for each in trials], "mono", "balanced")

    assert data.points == []
    with pytest.raises(LabError, match="has 0 valid rates"):
        fit(data)


def test_a_part_of_a_processor_says_nothing_about_queues(make_trial):
    part = make_trial(1, "mono")
    part = replace(part, spec=replace(part.spec, factors={**part.spec.factors, "cpus": 0.5}))

    with pytest.raises(LabError, match="too small to plan"):
        fit(measured([part], "mono", "balanced"))


def test_rates_that_lie_together_do_not_bear_a_plan(make_trial):
    narrow = make_trial(1, "mono", utilisations=(0.5, 0.52, 0.54, 0.56))

    with pytest.raises(LabError, match=r"only 1\.1 times the lowest"):
        fit(measured([narrow], "mono", "balanced"))
