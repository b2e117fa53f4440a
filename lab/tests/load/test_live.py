"""The lines that a load writes while it runs."""

import json
import time
from math import nan

from twinshop.lab.load.arrivals import arrivals
from twinshop.lab.load.live import FILE, Live, LiveReader
from twinshop.lab.load.plan import JOURNEYS, LoadPlan, Phase
from twinshop.lab.load.record import DEGRADED, DROPPED, GOOD, Recorder


def recorder():
    return Recorder(arrivals(LoadPlan("http://127.0.0.1:1", [Phase(10, 5, 5)], seed=1)))


def test_each_line_tells_what_has_ended_since_the_last_one(tmp_path):
    recorded, reader = recorder(), LiveReader(tmp_path)
    live = Live(recorded, tmp_path, time.time())
    for session, outcome in enumerate([GOOD, DEGRADED, DROPPED, "status 500"]):
        recorded.begun(session)
        recorded.ended(session, outcome)
    for latency in (0.010, 0.020, 0.030):
        recorded.request(0, 0.0, latency, "browse:home", GOOD, (0.0, nan))
    live.tell()
    (first,) = reader.new()
    live.tell()
    (second,) = reader.new()
    live.close()

    assert (first["good"], first["failed"], first["p50_ms"]) == (2, 2, 20.0)
    assert 29 < first["p99_ms"] <= 30
    assert (second["good"], second["failed"], second["p50_ms"], second["p99_ms"]) == (0, 0, None, None)


def test_each_session_is_told_once_when_it_is_due_and_once_when_it_has_ended(tmp_path):
    recorded, reader = recorder(), LiveReader(tmp_path)
    first, second, *_ = recorded.arrivals.due
    long_ago = time.time() - 1000
    live = Live(recorded, tmp_path, long_ago)
    for number in (0, 1):
        recorded.begun(number)
        recorded.request(number, recorded.arrivals.due[number], 0.25, "browse:home", GOOD, (0.0, nan))
    recorded.request(0, first + 0.5, 0.75, "browse:category", GOOD, (0.0, nan))
    recorded.ended(0, GOOD)
    live.tell()
    recorded.ended(1, "status 503")
    recorded.ended(2, DROPPED)
    live.tell()
    live.close()
    begun, later = reader.new()

    assert begun["started"] == long_ago
    assert [number for number, _, _ in begun["due"]] == list(range(len(recorded.arrivals)))
    assert [due for _, due, _ in begun["due"]] == [round(due, 3) for due in recorded.arrivals.due]
    assert {journey for _, _, journey in begun["due"]} <= set(JOURNEYS)
    assert begun["ended"] == [[0, round(first + 1.25, 3), GOOD]]
    assert later["due"] == []
    assert later["ended"] == [
        [1, round(second + 0.25, 3), "status 503"],
        [2, round(recorded.arrivals.due[2], 3), DROPPED],
    ]


def test_a_line_that_is_not_whole_waits_for_its_end(tmp_path):
    reader = LiveReader(tmp_path)
    assert list(reader.new()) == []
    with (tmp_path / FILE).open("w") as file:
        file.write(json.dumps({"good": 1}) + '\n{"goo')
        file.flush()
        assert list(reader.new()) == [{"good": 1}]
        file.write('d": 2}\n')
        file.flush()

    assert list(reader.new()) == [{"good": 2}]
