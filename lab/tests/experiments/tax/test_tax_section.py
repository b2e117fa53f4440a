"""The section and the plan of `tax`, from options and records whose answer is known."""

import random
from dataclasses import replace

import pytest

from twinshop.lab.errors import LabError
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.communication import calls, costs, counting, design, lines
from twinshop.lab.experiments.communication.experiment import EXPERIMENT
from twinshop.lab.experiments.communication.frontier import frontier
from twinshop.lab.measurement.splits import every_split, split_named
from twinshop.lab.report.style import look
from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.shapes import COMPONENTS

CALLS = {"catalog": 3.0, "cart": 1.0, "payment": 0.5, "translate": 0.2}
BASE_MS, CALL_MS, PROCESS_MS, REQUESTS = 10.0, 0.8, 0.5, 2.4
"""A session takes 10 ms in the monolith, 0.8 ms more for each call over the network, 0.5 ms for each process more."""
IDLE_MS_PER_S, SECONDS, SESSIONS = 20.0, 40.0, 480


RATES = {12.0: 40.0, 3.6: 20.0, 7.8: 20.0}
"""Seconds by rate; the first is the one at which all is compared."""


def at_rates(trial):
    """The same trial, held at three rates: a process costs 10 ms a second then, and a call still 0.8 ms."""
    processes, remote = trial.outcome.figures["processes"], trial.outcome.figures["remote_calls_per_session"]
    rows = [
        {
            "seconds": seconds,
            "sessions": rate * seconds,
            "requests": REQUESTS * rate * seconds,
            "good_ratio": 1.0,
            "cpu_seconds": {
                "shop": (rate * (BASE_MS + CALL_MS * remote) + 5 + 10 * (processes - 1)) * seconds / 1e3,
                "redis": 0.02 * seconds,
            },
            "stolen_ratio": 0.001 * rate,
            "medians_ms": [5.0] * 40,
            "invalid": None,
        }
        for rate, seconds in RATES.items()
    ]
    detail = {**trial.outcome.detail, "held": rows[0], "rates": rows[1:], "apps": ["shop"], "processors": 1}
    return replace(trial, outcome=replace(trial.outcome, detail=detail))


def trial(arm, block, *, noise=1.0, void=None, runtime="local", components=COMPONENTS):
    split = split_named(arm.removesuffix(" again"), components)
    remote = sum(number for component, number in CALLS.items() if component in split.remote)
    cpu = (BASE_MS + CALL_MS * remote + PROCESS_MS * (len(split.groups) - 1)) * noise
    figures = {
        "app_cpu_ms_per_session": cpu,
        "app_cpu_ms_per_request": cpu / REQUESTS,
        "cpu_ms_per_request": 1.2 * cpu / REQUESTS,
        "remote_calls_per_session": remote,
        "rate_sessions_per_s": 12.0,
        "p50_ms": (5 + remote) * noise,
        "p95_ms": 20 + 3 * remote * noise,
        "p99_ms": 40.0,
        "browse_p50_ms": 5 + remote,
        "browse_p95_ms": 9 + remote,
        "memory_bytes": 1e8 * len(split.groups),
        "processes": len(split.groups),
        "requests": 500,
        "idle_cpu_ms_per_s": IDLE_MS_PER_S * len(split.groups),
    }
    held = {
        "seconds": SECONDS,
        "requests": REQUESTS * SESSIONS,
        "good_ratio": 1.0,
        "cpu_seconds": {"shop": cpu * SESSIONS / 1e3, "idle": IDLE_MS_PER_S * len(split.groups) * SECONDS / 1e3},
        "stolen_ratio": 0.02,
        "medians_ms": [5 + 0.2 * (at % 3) for at in range(40)],
    }
    figures["busy_ratio"] = sum(held["cpu_seconds"].values()) / SECONDS
    spec = Spec("tax", arm, block, {"runtime": runtime, "mix": "balanced"})
    return Trial(
        f"tax-{arm}-{block}", spec, block, "2026-01-01T00:00:00Z", 30.0, outcome(figures, void, held, components)
    )


def outcome(figures, void, held=None, components=COMPONENTS):
    detail = {"calls_per_session": CALLS, "components": list(components), **({"held": held} if held else {})}
    return Outcome({} if void else figures, detail, void)


def blocks(arms=("mono", "mono again", *design.CHOSEN[1:]), number=4, **members):
    luck = random.Random(3)
    return [trial(arm, block, noise=luck.uniform(0.995, 1.005), **members) for block in range(number) for arm in arms]


def section(trials, skipped=()):
    return EXPERIMENT.section(trials, skipped)


def drawn(made):
    for narrow in (False, True):
        with look(narrow=narrow):
            for plot in made.plots:
                plot.draw().savefig("/dev/null", format="svg")
    return [plot.name for plot in made.plots]


def asked(effort="quick", **options):
    return Request(effort, ("local",), options={f"tax.{name}": value for name, value in options.items()})


def test_the_claim_holds_when_the_split_shop_needs_more_of_both():
    (made,) = section(blocks()).claims

    assert made.verdict == "holds"
    assert "1.58 times" in made.evidence
    assert "A call to another process costs 0.79 ms" in made.evidence
    assert "n = 4" in made.evidence


def test_what_is_used_while_nobody_comes_is_no_part_of_the_net_cost():
    figures = counting.with_net(trial("micro", 0)).outcome.figures
    (table,) = [table for table in section(blocks()).tables if table.name == "tax-counted"]

    assert figures[counting.NET] == pytest.approx((BASE_MS + 4 * PROCESS_MS + CALL_MS * sum(CALLS.values())) / REQUESTS)
    with_kernel = figures[counting.NET] + 1e3 * 0.02 * SECONDS / (REQUESTS * SESSIONS)
    assert figures[counting.NET_WITH_KERNEL] == pytest.approx(with_kernel)
    assert [row[0] for row in table.rows] == list(counting.WAYS.values())


def test_what_the_steady_state_test_could_have_seen_is_told():
    (table,) = [table for table in section(blocks(number=2)).tables if table.name == "tax-steady"]

    ((seconds, noise, *found),) = table.rows
    assert (seconds, noise) == ("40", "4%")
    assert found[1] == "100%"


def test_a_split_that_costs_nothing_is_no_tax():
    luck = random.Random(5)
    same = [trial("mono again", block, noise=luck.uniform(0.995, 1.005)) for block in range(4)]
    micro = [Trial(each.id, Spec("tax", "micro", each.spec.block, each.spec.factors), *rest(each)) for each in same]
    (made,) = section([*(trial("mono", block) for block in range(4)), *micro]).claims

    assert made.verdict == "does not hold"


def rest(each):
    return each.position, each.started, each.seconds, each.outcome


def test_the_monolith_compared_with_itself_comes_first_and_covers_one():
    made = section(blocks())

    (words, found), *_ = made.comparisons
    assert words == "CPU a request: mono again / mono"
    assert found.low <= 1 <= found.high
    assert "no difference that matters, as it should be" in made.answer


def test_what_a_call_and_a_process_cost_is_found_again():
    found = costs.price(blocks())

    assert found.call.value == pytest.approx(CALL_MS, rel=0.1)
    assert found.process.value == pytest.approx(PROCESS_MS, rel=0.2)
    assert found.call.n == found.process.n == 4
    assert {arm for arm, *_ in found.points} == set(design.CHOSEN) - {"mono"}


def test_slope_and_intercept_are_told_apart_by_three_rates():
    own = [lines.with_lines(at_rates(each)) for each in blocks(number=2)]
    micro = next(each for each in own if each.spec.arm == "micro").outcome.figures
    made = section([at_rates(each) for each in blocks(number=2)])
    tables = {table.name: table.rows for table in made.tables}

    assert micro[lines.SLOPE] == pytest.approx(BASE_MS + CALL_MS * sum(CALLS.values()))
    assert micro[lines.INTERCEPT] == pytest.approx(45)
    assert micro[lines.SLOPE_KERNEL] == pytest.approx(micro[lines.SLOPE] + 1)  # 0.001 processors for each session/s
    assert micro[lines.INTERCEPT_KERNEL] == pytest.approx(65)
    assert [row[1:3] for row in tables["tax-two-terms"]] == [["0.80", "10.00"]] * 2
    assert ["micro", "the shop's own processes", "2", "13.76", "45.00"] in tables["tax-lines"]
    assert "costs 0.80 ms of CPU time, and each further process 10.00 ms a second." in made.claims[0].evidence
    assert not any("slope and intercept" in limit for limit in made.limits)


def test_the_price_of_a_process_at_the_rate_of_the_comparison_is_that_of_a_second_shared_by_its_sessions():
    found = costs.price([at_rates(each) for each in blocks(number=2)])

    assert found.process.value == pytest.approx(10 / 12)
    assert found.told.value == pytest.approx(10)


def test_a_rate_that_does_not_count_leaves_too_few_for_a_line():
    own = at_rates(trial("micro", 0))
    own.outcome.detail["rates"][0]["invalid"] = "something else used the processors"

    assert lines.with_lines(own) == own


def test_one_split_cannot_tell_calls_from_processes():
    assert costs.price(blocks(arms=("mono", "micro"))) is None
    assert costs.computed(blocks(arms=("mono", "micro"))) == []


def test_splits_that_were_not_measured_are_computed_from_their_calls():
    points = {point.split.name: point for point in costs.computed(blocks())}

    assert len(points) == 52 - len(design.CHOSEN)
    for component in ("cart", "catalog"):
        cost = 1 + (PROCESS_MS + CALL_MS * CALLS[component]) / BASE_MS
        assert points[f"{component} out"].cost == pytest.approx(cost, rel=0.02)


def test_the_frontier_runs_from_the_monolith_to_the_smallest_blast_radius():
    trials = blocks()
    best = frontier([*costs.measured(trials), *costs.computed(trials)])

    assert (best[0].split.name, best[0].cost) == ("mono", 1.0)
    assert best[-1].split.name == "micro"
    assert [point.blast for point in best] == sorted((point.blast for point in best), reverse=True)


@pytest.mark.slow
def test_every_plot_and_table_is_made():
    made = section(blocks())

    assert drawn(made) == ["tax-frontier", "tax-ratios", "tax-call"]
    assert [table.name for table in made.tables] == [
        "tax-worth",
        "tax-counted",
        "tax-prices",
        "tax-costs",
        "tax-journeys",
        "tax-crashes",
        "tax-calls",
        "tax-steady",
    ]
    assert all(len(row) == len(table.header) for table in made.tables for row in table.rows)


def test_a_crash_in_the_monolith_takes_everything_and_one_of_translate_alone_a_fifth():
    (table,) = [table for table in section(blocks()).tables if table.name == "tax-crashes"]
    rows = {row[0]: row[1:] for row in table.rows}

    assert rows["mono"] == ["100%"] * 6
    assert rows["translate out"][4] == "20%"


def crashed(arm, ratios):
    cells = [
        {"fault": "crash", "target": component, "figures": {"blast_ratio": ratio}, "void": None}
        for component, ratio in ratios.items()
    ]
    spec = Spec("isolation", arm, 0, {"runtime": "local"})
    return Trial(f"isolation-{arm}", spec, 0, "2026-01-01T00:00:00Z", 60.0, Outcome({}, {"cells": cells}))


def test_what_the_isolation_experiment_of_the_same_run_measured_stands_beside_it():
    seen = {"storefront": 0.99, "catalog": 0.88, "cart": 0.21, "payment": 0.12, "translate": 0.2}
    made = section([*blocks(), crashed("micro", seen), crashed("mono", {"payment": 1.0})])
    (table,) = [table for table in made.tables if table.name == "tax-crashes"]

    assert table.rows[-1] == ["micro, measured", "99%", "88%", "21%", "12%", "20%", "48%"]
    assert [row[0] for row in table.rows].count("mono, measured") == 0, "not every component was crashed there"


@pytest.mark.parametrize(
    "components", [("storefront", "catalog", "cart", "reviews", "translate"), ("storefront", "catalog", "cart")]
)
def test_the_components_are_those_of_the_run_not_those_of_today(components):
    splits = [split.name for split in every_split(components)]
    measured = dict.fromkeys(components, 0.25)

    made = section([*blocks([*splits[:4], "micro"], components=components), crashed("micro", measured)])

    tables = {table.name: table for table in made.tables}
    assert tables["tax-crashes"].header == ("split", *components, "mean")
    assert ["micro, measured", *["25%"] * len(components), "25%"] in tables["tax-crashes"].rows
    assert {row[0] for row in tables["tax-worth"].rows} <= set(splits)
    assert drawn(made)


def test_one_block_gives_ratios_without_intervals():
    made = section(blocks(number=1))

    assert made.claims[0].verdict == "inconclusive"
    assert "in 1\N{NO-BREAK SPACE}block: too few to tell" in made.answer
    assert drawn(made)


def test_void_trials_are_left_out_and_counted():
    trials = [*blocks(), trial("micro", 4, void="the generator was late"), trial("mono", 4)]
    made = section(trials)

    assert "Invalid: 1 of 30 trials" in made.answer
    assert dict(made.comparisons)["CPU a request: micro / mono"].n == 4


def test_nothing_valid_and_nothing_at_all_are_answers_too():
    void = section([trial("micro", 0, void="the generator was late")])

    assert void.answer == "None of 1 trials can be compared. the generator was late"
    assert void.claims[0].verdict == "not measured"
    assert drawn(void) == []
    assert section([], ["one processor"]).answer == "Nothing was measured."


def test_a_run_in_pieces_with_different_rates_says_so():
    trials = blocks(number=2)
    odd = trials[-1]
    figures = {**odd.outcome.figures, "rate_sessions_per_s": 14.0}
    trials[-1] = Trial(odd.id, odd.spec, odd.position, odd.started, odd.seconds, outcome(figures, None))

    assert any("same rate" in limit for limit in section(trials).limits)
    assert not any("same rate" in limit for limit in section(blocks()).limits)


def test_the_plan_has_both_ends_and_the_monolith_twice_in_every_block():
    specs = design.specs(asked("full"))

    for block in range(3):
        arms = [spec.arm for spec in specs if spec.block == block]
        assert arms[:2] == ["mono", "mono again"]
        assert arms[-1] == "micro"
        assert len(arms) == len(set(arms)) == len(design.CHOSEN) + 1


def test_all_splits_can_be_asked_for():
    arms = [spec.arm for spec in design.specs(asked("full", splits="all"))]

    assert len(arms) == 3 * 53
    assert len(set(arms)) == 53


def test_some_splits_can_be_asked_for_by_name():
    arms = {spec.arm for spec in design.specs(asked(splits="translate out; payment, translate out"))}

    assert arms == {"mono", "mono again", "translate out", "payment, translate out", "micro"}


def test_a_full_load_is_as_long_as_the_steady_state_test_needs_and_can_be_set():
    assert design.chosen(asked("full")).settings.seconds == 40
    assert design.chosen(asked("full", seconds="16")).settings.seconds == 16
    (short, long) = (
        EXPERIMENT.expected_seconds(design.specs(each)[0], each) for each in (asked(), asked(seconds="90"))
    )
    assert long - short == 80


def test_a_rate_that_is_given_is_a_factor():
    assert all(spec.factors["rate"] == 8 for spec in design.specs(asked(rate="8")))
    assert all("rate" not in spec.factors for spec in design.specs(asked()))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"splits": "translate away"}, "unknown split .translate away."),
        ({"rate": "fast"}, "not `fast`"),
        ({"rate": "0"}, "not `0`"),
        ({"mix": "strange"}, "not `strange`"),
        ({"seconds": "0"}, "not `0`"),
        ({"seconds": "long"}, "not `long`"),
        ({"speed": "1"}, "no option `speed`"),
    ],
)
def test_a_wrong_option_is_refused(options, reason):
    with pytest.raises(LabError, match=reason):
        design.specs(asked(**options))


EXPOSITION = """\
# TYPE twinshop_component_call_seconds histogram
twinshop_component_call_seconds_bucket{component="catalog",le="+Inf",operation="get",outcome="ok",where="remote"} 30
twinshop_component_call_seconds_count{component="catalog",operation="get",outcome="ok",where="remote"} 30
twinshop_component_call_seconds_sum{component="catalog",operation="get",outcome="ok",where="remote"} 0.5
twinshop_component_call_seconds_count{component="catalog",operation="search",outcome="failed",where="remote"} 12
twinshop_component_call_seconds_count{component="cart",operation="get",outcome="ok",where="local"} 7
# TYPE twinshop_http_in_flight gauge
twinshop_http_in_flight 1
"""


def test_calls_are_counted_over_all_operations_and_outcomes():
    assert calls.read(EXPOSITION) == {("catalog", "remote"): 42, ("cart", "local"): 7}


def test_calls_a_session_are_those_made_meanwhile():
    before, after = {("catalog", "remote"): 42.0}, {("catalog", "remote"): 62.0, ("cart", "local"): 7.0}

    assert calls.between(before, after, 10) == {"local": {"cart": 0.7}, "remote": {"catalog": 2.0}}
