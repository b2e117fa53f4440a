"""The objective, the plan and the probes of `scaling`, without a shop."""

from dataclasses import replace
from math import nan

import pytest

from twinshop.lab.errors import LabError
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.scaling import case as case_of
from twinshop.lab.experiments.scaling import design
from twinshop.lab.experiments.scaling.objective import InvalidTrial, Objective
from twinshop.lab.experiments.scaling.probing import search_of
from twinshop.lab.measurement.steady_load_result import SteadyLoadResult

GOOD = SteadyLoadResult(
    rate=20,
    seconds=10,
    sessions=200,
    requests=480,
    begun=220,
    good_ratio=1.0,
    dropped=0,
    latency_ms={"50": 10, "95": 60, "99": 190},
    journeys={},
    cpu_seconds={"mono": 2.0, "redis": 0.4},
    stolen_ratio=0.01,
    sent_bytes={},
    throttled_seconds=nan,
    growth=1.1,
    medians_ms=(10.0,) * 11,
    errors={},
    generator_cpu_ratio=0.2,
    late_ms={"50": 0.1, "95": 0.2, "99": 0.3},
    void=None,
)
SLO = Objective()


def test_a_shop_that_is_fast_and_makes_no_errors_keeps_the_objective():
    assert SLO.missed(GOOD) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"latency_ms": {"50": 10, "95": 201, "99": 300}}, "p95 was 201 ms"),
        ({"latency_ms": {"50": nan, "95": nan, "99": nan}}, "p95 was nan"),
        ({"good_ratio": 0.995}, "0.50% of the sessions failed"),
        ({"dropped": 3}, "3 sessions were dropped"),
        ({"sessions": 0}, "no session arrived"),
        ({"growth": 3.0, "latency_ms": {"50": 80, "95": 190, "99": 199}}, "grew by 3.0"),
    ],
)
def test_it_is_missed_for_a_reason(change, reason):
    assert reason in SLO.missed(replace(GOOD, **change))


def test_a_latency_that_grows_from_nothing_to_little_is_no_backlog():
    assert SLO.missed(replace(GOOD, growth=3.0)) is None


def test_the_quantile_and_its_bound_are_parameters():
    slow = replace(GOOD, latency_ms={"50": 10, "95": 60, "99": 250})

    assert SLO.missed(slow) is None
    assert Objective(percent=99).missed(slow) == "p99 was 250 ms"
    assert Objective(percent=99, latency_ms=300).missed(slow) is None


def test_a_load_that_the_generator_spoilt_says_nothing():
    with pytest.raises(InvalidTrial, match="was late"):
        SLO.missed(late(GOOD, 201.0))


def late(held, ms):
    return replace(held, late_ms={"50": 0.0, "95": ms, "99": 500.0})


@pytest.mark.parametrize(("p95", "ms"), [(60, 140.0), (60, 4.0), (2000, 199.0), (205, 4.9)])
def test_a_late_generator_does_not_matter_where_both_ends_of_its_lateness_decide_alike(p95, ms):
    held = replace(GOOD, latency_ms={"50": 10, "95": p95, "99": 2400})

    assert SLO.missed(late(held, ms)) == SLO.missed(late(held, 0.0))


@pytest.mark.parametrize(("p95", "ms"), [(60, 140.1), (199.9, 0.2), (200, 0.1), (205, 5.0), (205, 30.0)])
def test_a_pass_and_a_miss_too_close_to_the_bound_for_a_late_generator_are_both_repeated(p95, ms):
    held = replace(GOOD, latency_ms={"50": 10, "95": p95, "99": 2400})

    with pytest.raises(InvalidTrial, match="too close to tell"):
        SLO.missed(late(held, ms))


def test_a_generator_that_was_too_busy_is_never_believed():
    with pytest.raises(InvalidTrial, match="too busy"):
        SLO.missed(
            replace(GOOD, void="too busy", generator_cpu_ratio=0.95, latency_ms={"50": 900, "95": 2000, "99": 2400})
        )


def test_a_shop_whose_processors_others_used_is_not_judged():
    with pytest.raises(InvalidTrial, match="something else used 30%"):
        SLO.missed(replace(GOOD, stolen_ratio=0.3))


def test_the_search_starts_below_what_the_budget_can_carry():
    """2.4 s of CPU time for 200 sessions: 12 ms each, so half a processor carries at most 41.7 sessions a second."""
    search = search_of(GOOD, 0.5, design.SETTINGS["full"])

    assert search.start == pytest.approx(0.9 * 0.5 / 0.012)
    assert search.lowest < search.start < search.highest


def test_a_shop_that_does_nothing_right_is_searched_from_the_lowest_rate():
    assert search_of(replace(GOOD, good_ratio=0.0), 1, design.SETTINGS["full"]).start == 0.5


def asked(effort="full", runtimes=("docker", "local"), **more):
    return Request(effort, runtimes, **more)


def test_every_block_compares_arms_with_the_same_budget_and_mix():
    specs = design.specs(asked(), processors=2)

    by_block = {}
    for spec in specs:
        by_block.setdefault(spec.block, []).append(spec)
    for block in by_block.values():
        assert len({tuple(spec.factors.items()) for spec in block}) == 1
        arms = [spec.arm for spec in block]
        assert len(arms) == len(set(arms)) >= 2


def test_budgets_are_parts_of_a_processor_and_whole_ones_up_to_what_there_is():
    full = design.SETTINGS["full"]

    quotas = [(0.5, "quota"), (0.75, "quota"), (1, "quota")]
    assert design.budgets(full, 1) == [*quotas, (1, "pinned")]
    assert design.budgets(full, 3) == [*quotas, (1, "pinned"), (2, "pinned"), (3, "pinned")]
    assert design.budgets(full, 31) == [*quotas, *((float(cpus), "pinned") for cpus in (1, 2, 3, 4))]
    assert design.budgets(design.SETTINGS["smoke"], 1) == [(1, "pinned")]


def test_the_skew_test_has_the_largest_budget_and_a_grown_arm():
    hot = [spec for spec in design.specs(asked(), processors=3) if spec.factors["mix"] != "balanced"]

    assert {spec.factors["cpus"] for spec in hot} == {3}
    assert {spec.arm for spec in hot} == set(case_of.ARMS)


def test_repeats_are_the_blocks_of_each_comparison():
    once, thrice = (design.specs(asked(repeats=repeats), processors=1) for repeats in (1, 3))

    assert len(thrice) == 3 * len(once)
    assert len({spec.block for spec in thrice}) == 3 * len({spec.block for spec in once})


@pytest.mark.parametrize(("kind", "rate", "seconds"), [("search", 100, 4), ("search", 10, 10), ("confirm", 1, 30)])
def test_a_probe_at_a_low_rate_takes_longer_but_not_for_ever(kind, rate, seconds):
    assert design.probe_seconds(kind, rate, design.SETTINGS["full"]) == seconds


@pytest.mark.parametrize("options", [{"percent": "90"}, {"latency_ms": "fast"}, {"error_ratio": "2"}])
def test_a_wrong_objective_is_refused(options):
    with pytest.raises(LabError, match=r"invalid scaling\."):
        design.objective(asked(options={f"scaling.{name}": value for name, value in options.items()}))


def test_the_objective_can_be_set():
    options = {"scaling.percent": "99", "scaling.latency_ms": "300"}

    assert design.objective(asked(options=options)) == Objective(99, 300.0, 0.001)


def case(arm, cpus=1.0, runtime="docker"):
    return case_of.Case(arm, runtime, "balanced", cpus, case_of.limit_of({"cpus": cpus}))


@pytest.mark.parametrize("cpus", [0.25, 1.0, 2.0, 3.0])
def test_all_arms_get_the_same_budget(cpus):
    cores = (0, 1, 2)[: case("mono", cpus).processors]
    budgets = {
        (options.cores, options.cpus, options.memory_bytes)
        for options in (case(arm, cpus).options(cores) for arm in case_of.ARMS)
    }

    assert len(budgets) == 1


def test_whole_processors_are_pinned_and_parts_have_a_quota():
    assert case("mono", 2.0).options((0, 1)).cpus is None
    assert case("mono", 0.5).options((0,)).cpus == 0.5
    assert replace(case("mono", 1.0), limit="quota").options((0,)).cpus == 1.0


def test_the_monolith_has_a_worker_for_each_processor_and_the_grown_service_at_least_two():
    assert case("mono", 0.5).workers() == {"mono": 1}
    assert case("mono", 3.0).workers() == {"mono": 3}
    assert case("micro", 3.0).workers() == {}
    assert case("micro, hot grown").workers("catalog") == {"catalog": 2}
    assert case("micro, hot grown", 3.0).workers("catalog") == {"catalog": 3}


def test_the_local_runtime_has_no_memory_budget():
    assert case("mono", runtime="local").options((0,)).memory_bytes is None


def test_a_case_survives_the_way_through_a_spec():
    spec = design.specs(asked(), processors=1)[0]

    assert case_of.Case.of(spec) == case_of.Case("mono", "docker", "balanced", 0.5, "quota")


@pytest.mark.parametrize(
    ("mix", "cpus", "some"),
    [("balanced", 1.0, True), ("balanced", 2.0, True), ("balanced", 0.5, False), ("catalog-hot", 1.0, False)],
)
def test_below_its_capacity_a_shop_is_held_with_whole_processors_and_the_balanced_mix(mix, cpus, some):
    case = case_of.Case("mono", "docker", mix, cpus, case_of.limit_of({"cpus": cpus}))

    assert bool(design.rungs(case, design.SETTINGS["full"])) == some
    assert not design.rungs(case, design.SETTINGS["quick"])
