"""`twinshop plan`, on a run that is on the disk."""

import json

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.errors import LabError
from twinshop.lab.plan.units import milliseconds
from twinshop.lab.results.run import new_run

GOAL = ["--rps", "120", "--p99", "200ms"]


@pytest.mark.parametrize(("text", "ms"), [("200ms", 200), ("0.2s", 200), ("1500us", 1.5), (" 2 s", 2000), (".5s", 500)])
def test_times_are_read_with_their_units(text, ms):
    assert milliseconds(text) == pytest.approx(ms)


@pytest.mark.parametrize("text", ["200", "0ms", "-1s", "fast", "", "1e3ms", "1m"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(LabError, match=r"write 200ms or 0\.2s"):
        milliseconds(text)


@pytest.mark.slow
def test_a_plan_for_both_shapes_is_a_table_each(run, capsys):
    assert main(["plan", *GOAL]) == 0

    out = capsys.readouterr().out
    assert run.name in out
    assert "mono: 120 requests/s (about 48 sessions/s, balanced)" in out
    assert "storefront" in out
    assert "Cost: give --core-hour-price" in out
    assert out.count("Checked: 95 % intervals held what was left out of the fit: processors in 12 of 12") == 2


@pytest.mark.usefixtures("run")
def test_with_prices_it_costs_something(capsys):
    assert (
        main(["plan", "latest", *GOAL, "--shape", "mono", "--core-hour-price", "0.05", "--gib-hour-price", "0.01"]) == 0
    )

    out = capsys.readouterr().out
    assert "an hour" in out
    assert "micro" not in out


def test_as_json_it_has_all_numbers(run, capsys):
    assert main(["plan", *GOAL, "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["run"] == run.name
    mono, micro = found["shapes"]
    assert (mono["shape"], micro["shape"]) == ("mono", "micro")
    assert mono["goal"] == {"rate": 120, "latency_ms": {"99": 200}, "workers": 1, "prices": None}
    assert 1 < mono["processors"]["low"] <= mono["processors"]["value"] <= mono["processors"]["high"] < 3
    assert mono["check"]["p99"]["n"] == 12
    assert micro["parts"]["redis"]["replicas"] is None
    assert mono["cost_per_hour"] is None


@pytest.mark.usefixtures("run")
@pytest.mark.slow
def test_the_check_tells_every_prediction_and_the_errors(capsys):
    assert main(["plan", "--check", "latest", "--shape", "mono"]) == 0
    out = capsys.readouterr().out
    assert "predicted without the points themselves" in out
    assert "mean abs. error" in out

    assert main(["plan", "--check", "--json", "--shape", "mono"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["shapes"]
    assert found["errors"]["p99"]["n"] == 12
    assert 0 < found["errors"]["p99"]["mean_absolute_error"] < 0.5


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (["--rps", "100"], "--rps and --p99 are both required"),
        (["--p99", "200ms"], "--rps and --p99 are both required"),
        (["--rps", "many", "--p99", "200ms"], "invalid --rps 'many': write a number above 0"),
        ([*GOAL, "--core-hour-price", "1"], "must be given together"),
        ([*GOAL, "--core-hour-price", "1", "--gib-hour-price", "-1"], "invalid --gib-hour-price '-1'"),
        ([*GOAL, "--workers", "0"], "invalid --workers 0"),
        ([*GOAL, "--shape", "nano"], "did not measure how `nano` scales. It did for: mono, micro"),
        ([*GOAL, "--mix", "odd"], "under the mix `odd`. It did: balanced"),
        (["nowhere", *GOAL], "unknown run 'nowhere'"),
        (["--rps", "175", "--p99", "200ms"], "Plan up to 170, or measure a larger size"),
        (["--rps", "10", "--p99", "1ms"], "cannot be reached at any size"),
    ],
)
@pytest.mark.usefixtures("run")
def test_what_cannot_be_planned_is_refused_with_the_reason(asked, reason, capsys):
    assert main(["plan", *asked]) in {1, 2}
    assert reason in capsys.readouterr().err


def test_a_run_without_scaling_is_refused(root, capsys):
    new_run(root, "startup").describe(experiments=["startup"])

    assert main(["plan", *GOAL]) == 1
    assert "no trials of scaling" in capsys.readouterr().err


def test_two_trials_of_a_shape_do_not_show_how_much_trials_differ(root, make_trial, capsys):
    run = new_run(root, "small")
    run.describe(experiments=["scaling"])
    for number in (1, 2):
        run.keep(make_trial(number, "mono"))

    assert main(["plan", "--rps", "60", "--p99", "200ms"]) == 1
    assert "This run cannot plan mono: it has 2 valid trials with whole processors" in capsys.readouterr().err


def test_a_larger_measured_size_allows_a_larger_plan(root, make_trial, capsys):
    run = new_run(root, "large")
    run.describe(experiments=["scaling"])
    for number, cpus in enumerate((1.0, 2.0, 2.0)):
        run.keep(make_trial(number, "mono", cpus=cpus))

    assert main(["plan", "--rps", "300", "--p99", "200ms", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["refused"] == []
