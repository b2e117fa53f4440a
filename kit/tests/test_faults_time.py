"""When a fault ends: its time is up, or its process ends; and when it does not."""

import json
import signal

import httpx
import pytest

from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration


def test_a_fault_heals_by_itself_when_its_time_is_up(server):
    server.inject("errors", seconds=0.4)
    assert server.double().status_code == 503

    wait_until(lambda: server.double().status_code == 200)
    assert server.injections() == []


def test_a_fault_may_begin_later(server):
    injection = server.inject("errors", after_seconds=0.5).json()

    assert server.injections() == [injection]
    assert server.double().status_code == 200
    wait_until(lambda: server.double().status_code == 503)
    assert injection["begins_at"] > injection["injected_at"]


def test_a_call_that_hangs_goes_on_when_the_time_is_up(server):
    server.inject("hang", seconds=0.4)

    assert server.double().json() == 42


@pytest.mark.parametrize("kind", ["block", "burn"])
def test_the_time_limit_holds_while_the_event_loop_is_busy(server, kind):
    server.inject(kind, milliseconds=10_000, seconds=0.4)

    answer = server.http.get("/probe/double?number=21", timeout=9)

    assert answer.json() == 42


def test_leaked_memory_is_given_back_when_the_time_is_up(server):
    before = server.process.memory_info().rss
    server.inject("leak", mib_per_call=100, seconds=0.6)
    server.double()

    assert server.process.memory_info().rss - before > 90 * 2**20
    wait_until(lambda: server.process.memory_info().rss - before < 10 * 2**20)


def test_injection_and_end_stand_in_the_log_and_the_token_does_not(server):
    server.inject("errors", seconds=0.2)
    wait_until(lambda: server.injections() == [])

    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    injection, over = [line for line in lines if line["message"].startswith("fault ")][-2:]
    assert (injection["message"], injection["fault"]["kind"]) == ("fault injected", "errors")
    assert (over["message"], over["kind"]) == ("fault over", "errors")
    assert server.http.headers["authorization"].split()[1] not in server.log.read_text()


def test_a_process_that_hangs_on_a_fault_still_stops(start):
    with start(TWINSHOP_STOP_SECONDS="1") as server:
        server.inject("hang")
        with pytest.raises(httpx.ReadTimeout):
            server.http.get("/probe/double?number=1", timeout=0.3)
        server.handle.send_signal(signal.SIGTERM)

        assert server.handle.wait(20) == 0


def test_a_process_that_is_started_again_has_only_what_persists(start, tmp_path):
    folder = tmp_path / "faults"
    folder.mkdir()
    with start(TWINSHOP_FAULT_FOLDER=str(folder)) as server:
        server.inject("latency", milliseconds=1)
        server.inject("errors", persist=True)
        server.handle.kill()
        server.handle.wait()
        server.start()

        assert [each["fault"]["kind"] for each in server.injections()] == ["errors"]
        assert server.double().status_code == 503

        server.revert()
        assert server.double().status_code == 200


def test_without_its_file_everything_is_reverted(start, tmp_path):
    folder = tmp_path / "faults"
    folder.mkdir()
    with start(TWINSHOP_FAULT_FOLDER=str(folder)) as server:
        server.inject("errors")
        (folder / "faults.json").unlink()

        wait_until(lambda: server.double().status_code == 200)


def test_a_folder_that_is_not_there_is_told_at_the_start(start, tmp_path):
    with pytest.raises(RuntimeError, match="does not point to a directory"):
        start(TWINSHOP_FAULT_FOLDER=str(tmp_path / "missing")).__enter__()
