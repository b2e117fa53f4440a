"""What each kind of fault does to a real process, and that nothing of it is left when it is over."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

MIB = 2**20


@pytest.fixture
def aside():
    """Does something at the same time; its `result()` is what it gave."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def seconds_of(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def cpu_seconds(server):
    times = server.process.cpu_times()
    return times.user + times.system


def resident(server):
    return server.process.memory_info().rss


def test_latency_makes_a_call_wait_and_then_answers(server):
    server.inject("latency", milliseconds=300)

    begin = time.perf_counter()
    answer = server.double()

    assert time.perf_counter() - begin >= 0.3
    assert answer.json() == 42


def test_jitter_stays_within_its_bounds(server):
    server.inject("latency", milliseconds=50, jitter=40, seed=7)

    assert min(seconds_of(server.double) for _ in range(10)) >= 0.01


def test_latency_keeps_nobody_else_waiting(server, aside):
    server.inject("latency", milliseconds=2000)

    slow = aside(server.double)
    for _ in range(20):
        server.http.get("/livez").raise_for_status()

    assert not slow.done()
    assert slow.result().json() == 42


def test_errors_are_those_that_callers_know(server):
    server.inject("errors")

    answer = server.double()

    assert answer.status_code == 503
    assert (answer.json()["code"], answer.json()["component"]) == ("unavailable", "probe")


def test_a_bug_is_a_crash_of_the_request_and_not_of_the_process(server):
    server.inject("errors", raises="bug")

    answer = server.double()

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "InjectedBugError: injected into probe.double" in server.log.read_text()
    assert server.http.get("/livez").status_code == 200


def test_a_blocked_loop_keeps_everybody_waiting(server, aside):
    server.inject("block", milliseconds=1500)

    blocking = aside(server.double)
    waited = []
    while not blocking.done():
        waited.append(seconds_of(lambda: server.http.get("/livez")))

    assert max(waited) > 1
    assert blocking.result().json() == 42


def test_burning_costs_processor_time_for_each_call(server):
    server.inject("burn", milliseconds=300)

    before = cpu_seconds(server)
    server.double()
    server.double()

    assert cpu_seconds(server) - before >= 0.55  # 0.6, counted in hundredths


def test_spinning_costs_processor_time_without_any_call_until_it_is_reverted(server):
    before, threads = cpu_seconds(server), server.process.num_threads()
    server.inject("spin", threads=2)

    wait_until(lambda: cpu_seconds(server) - before > 0.3)
    assert server.process.num_threads() == threads + 2

    server.revert()
    wait_until(lambda: server.process.num_threads() == threads)


def test_memory_leaks_with_each_call_and_is_given_back(server):
    before = resident(server)
    server.inject("leak", mib_per_call=10)
    for _ in range(5):
        server.double()

    assert resident(server) - before >= 45 * MIB

    server.revert()
    wait_until(lambda: resident(server) - before < 10 * MIB)


def test_memory_leaks_as_time_goes_by_up_to_its_limit(server):
    before = resident(server)
    server.inject("leak", mib_per_second=400, up_to_mib=60)

    wait_until(lambda: resident(server) - before >= 55 * MIB)
    time.sleep(0.3)
    assert resident(server) - before < 80 * MIB

    server.revert()
    wait_until(lambda: resident(server) - before < 10 * MIB)


def test_a_call_that_hangs_goes_on_when_the_fault_is_reverted(server, aside):
    server.inject("hang", operations=["double"])

    hanging = [aside(server.double, number) for number in range(3)]
    assert server.http.get("/probe/half", params={"number": 4}).json() == 2
    assert not any(each.done() for each in hanging)

    server.revert()
    assert [each.result().json() for each in hanging] == [0, 2, 4]


def test_a_caller_that_gives_up_does_not_free_the_others(server, aside):
    server.inject("hang")

    hanging = aside(server.double)
    with pytest.raises(httpx.ReadTimeout):
        server.http.get("/probe/double?number=1", timeout=0.3)
    assert not hanging.done()

    server.revert()
    assert hanging.result().json() == 42


def test_a_crash_kills_the_process_at_the_call(start):
    with start() as server:
        server.inject("crash", operations=["double"])
        assert server.http.get("/probe/half", params={"number": 4}).json() == 2

        with pytest.raises(httpx.TransportError):
            server.double()

        assert server.handle.wait() == -9


def test_two_kinds_of_faults_act_together(server):
    server.inject("latency", milliseconds=200)
    server.inject("errors")

    begin = time.perf_counter()

    assert server.double().status_code == 503
    assert time.perf_counter() - begin >= 0.2


def affected(server, calls=40):
    return [server.double().status_code == 503 for _ in range(calls)]


def test_the_seed_decides_which_calls_are_affected(server):
    patterns = []
    for seed in (1, 1, 2):
        server.inject("errors", ratio=0.5, seed=seed)
        patterns.append(affected(server))

    assert patterns[0] == patterns[1] != patterns[2]
    assert all(10 <= sum(pattern) <= 30 for pattern in patterns)


@pytest.mark.parametrize(("ratio", "all_affected"), [(0, False), (1, True)])
def test_a_ratio_of_0_affects_none_and_one_of_1_all(server, ratio, all_affected):
    server.inject("errors", ratio=ratio)

    assert set(affected(server, 20)) == {all_affected}


def test_only_the_operations_named_are_affected(server):
    server.inject("errors", operations=["half"])

    assert server.double().status_code == 200
    assert server.http.get("/probe/half", params={"number": 4}).status_code == 503


def test_affected_calls_are_counted(server):
    def count():
        lines = server.http.get("/metrics").text.splitlines()
        name = 'twinshop_fault_affected_calls_total{component="probe",kind="latency"}'
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    before = count()
    server.inject("latency", milliseconds=1, operations=["double"])
    server.double()
    server.double()
    server.http.get("/probe/half", params={"number": 4})

    assert count() - before == 2
