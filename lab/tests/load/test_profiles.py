"""At which rate sessions arrive, and what is wrong with a load that cannot be run."""

import pytest

from twinshop.lab.errors import UsageError
from twinshop.lab.load.plan import LoadPlan, Phase
from twinshop.lab.load.profiles import named, step, trace


def written(folder, text):
    path = folder / "trace.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "phases"),
    [
        ("constant", [Phase(50, 20, 20)]),
        ("soak", [Phase(50, 20, 20)]),
        ("ramp", [Phase(50, 0, 20)]),
        ("step", [Phase(12.5, 5, 5), Phase(12.5, 10, 10), Phase(12.5, 15, 15), Phase(12.5, 20, 20)]),
        ("spike", [Phase(20, 20, 20), Phase(10, 80, 80), Phase(20, 20, 20)]),
    ],
)
def test_a_profile_has_a_name(name, phases):
    assert list(named(name, 20, 50)) == phases


def test_a_profile_lasts_a_minute_and_a_soak_half_an_hour_unless_told_otherwise():
    assert [sum(phase.seconds for phase in named(name, 1)) for name in ("constant", "step", "soak")] == [60, 60, 1800]


def test_steps_are_one_rate_after_the_other():
    assert step([1, 5], 10) == (Phase(10, 1, 1), Phase(10, 5, 5))


def test_a_trace_goes_evenly_from_row_to_row_and_jumps_where_the_seconds_stay(tmp_path):
    path = written(tmp_path, "\ufeffseconds,rate,note\n0,1,\n10,5,rush\n10,2,\n20.5,2,end\n")

    assert named(str(path), rate=99) == trace(path) == (Phase(10, 1, 5), Phase(10.5, 2, 2))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the first line must name the columns seconds and rate"),
        ("time,rate\n0,1\n", "the first line must name the columns seconds and rate"),
        ("seconds,rate\n0,1\n", "at least two rows"),
        ("seconds,rate\n0,1\n10,fast\n", "line 3: rate must be a number from 0, not `fast`"),
        ("seconds,rate\n0,1\n10\n", "line 3: rate must be a number from 0, not ``"),
        ("seconds,rate\n0,1\n10,-2\n", "line 3: rate must be a number from 0, not `-2`"),
        ("seconds,rate\n0,nan\n10,2\n", "line 2: rate must be a number from 0, not `nan`"),
        ("seconds,rate\n0,inf\n10,2\n", "line 2: rate must be a number from 0, not `inf`"),
        ("seconds,rate\n5,1\n10,2\n", "the first row must be at 0 seconds, not 5"),
        ("seconds,rate\n0,1\n10,2\n9,2\n", "the seconds go back from 10 to 9"),
        ("seconds,rate\n0,0\n10,0\n", "the rate is never above 0"),
        ("seconds,rate\n0,1\n0,2\n", "the rate is never above 0"),
        (b"seconds,rate\n0,\xff\n", "is not a CSV file"),
    ],
)
def test_a_bad_trace_is_explained_with_file_and_line(tmp_path, text, told):
    with pytest.raises(UsageError, match=told) as caught:
        trace(written(tmp_path, text))
    assert "trace.csv" in str(caught.value)


def test_a_trace_that_is_not_there_is_explained(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        named(str(tmp_path / "none.csv"), rate=1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("wave", 1, 1), "unknown profile 'wave': choose from constant, ramp, step, spike, soak, or give the path of"),
        (("constant", 0, 1), "must be more than 0"),
        (("constant", 1, -1), "must be more than 0"),
        (("constant", float("nan"), 1), "must be more than 0"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(arguments, told):
    with pytest.raises(UsageError, match=told):
        named(*arguments)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"phases": ()}, "more than 0 seconds"),
        ({"phases": (Phase(-1, 1, 1), Phase(5, 1, 1))}, "more than 0 seconds"),
        ({"phases": (Phase(1, 0, 0),)}, "at least once more than 0"),
        ({"phases": (Phase(1, float("nan"), 1),)}, "must be a number of sessions"),
        ({"mix": {"sleep": 1}}, "unknown journey 'sleep'"),
        ({"mix": {"cart": 0}}, "at least one of them more than 0"),
        ({"mix": {"cart": -1, "browse": 2}}, "numbers from 0"),
        ({"max_in_flight": 0}, "max_in_flight"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
)
def test_a_plan_says_what_is_wrong_with_it(change, told):
    sound = {"url": "http://127.0.0.1:1", "phases": (Phase(1, 1, 1),)}

    assert LoadPlan(**sound).fault() is None
    assert told in LoadPlan(**{**sound, **change}).fault()


def test_a_plan_is_the_same_after_it_was_written_and_read():
    plan = LoadPlan("http://127.0.0.1:1", (Phase(1, 2, 3),), mix={"cart": 1}, seed=5, cores=(1,), max_lag_ms=2)

    assert LoadPlan.from_json(plan.as_json()) == plan
