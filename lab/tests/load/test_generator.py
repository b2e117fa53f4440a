"""The generator: what it records is what happened, and its own failures are told apart from the shop's."""

import csv
import gzip
import json
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from twinshop.lab.errors import LoadError
from twinshop.lab.load.api import LoadPlan, Phase, read_load, start_load
from twinshop.lab.load.arrivals import arrivals
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

STALL_SECONDS = 2.0
FIRST_SECONDS = 30


def rows(path):
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def test_a_stall_is_in_the_percentiles_of_an_open_loop_and_not_in_those_of_a_closed_one(target, load, tmp_path):
    """
    The same stall of the same server, seen by both at the same time (coordinated omission).

    Open: whoever was due at t in a stall that ended at e waits until e. Of 8 seconds at 80 a second, with 2 seconds of
    stall, that is a quarter of all, up to 2 seconds each: a median that knows nothing of it, and a p99 near 2 seconds.
    Closed: three visitors ask some hundreds of times, and the stall meets each of them once.
    """
    with target() as (server, url):
        closed = closed_loop(url, tmp_path, users=3, seconds=8)
        running, folder = load(url, rate=80, seconds=8)
        wait_until(lambda: running.seconds() > 3)
        began = time.monotonic() - running.seconds()
        server.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        time.sleep(STALL_SECONDS)
        resumed = time.monotonic()
        server.send_signal(signal.SIGCONT)
        result = running.wait()
        asked, p99_closed = closed()

    times = np.array([(float(row["intended"]) + began, int(row["latency_us"]) / 1e6) for row in rows_of(folder)])
    due, latency = times.T
    met = (due > stopped) & (due < resumed - 0.05)
    assert (latency[met] >= resumed - due[met] - 0.01).all()
    assert result.good_ratio() == 1
    assert met.sum() == pytest.approx(80 * STALL_SECONDS, abs=4 * (80 * STALL_SECONDS) ** 0.5)  # Poisson: 4 sigma
    assert 1000 < result.percentile(99) <= latency.max() * 1e3 * 1.001
    assert result.percentile(50) < 500
    assert asked > 300
    assert p99_closed < 500


def rows_of(folder):
    return rows(folder / "requests.csv.gz")


def closed_loop(url, folder, *, users, seconds):
    """Locust as it comes: each user asks again when it was answered. Returns a function: requests, and p99 in ms."""
    file = folder / "closed.py"
    file.write_text(
        "from locust import FastHttpUser, constant, task\n"
        "class Visitor(FastHttpUser):\n"
        "    wait_time = constant(0.02)\n"
        "    @task\n"
        "    def look(self):\n"
        "        self.client.get('/product/KIT-001')\n"
    )
    options = ["-u", str(users), "-r", str(users), "-t", f"{seconds}s", "--headless", "--json", "--host", url]
    process = subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", str(file), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )

    def result():
        output, _ = process.communicate(timeout=FIRST_SECONDS)
        (stats,) = json.loads(output)
        ordered = sorted((float(ms), count) for ms, count in stats["response_times"].items())
        latencies = np.repeat([ms for ms, _ in ordered], [count for _, count in ordered])
        return len(latencies), np.percentile(latencies, 99)

    return result


@pytest.fixture(scope="module")
def measured(target, tmp_path_factory):
    """A load of four seconds on a server whose pages take 15 ms in the median, and its folder."""
    folder = tmp_path_factory.mktemp("measured")
    with target("--median-ms", "15", "--sigma", "0.8") as (_, url):
        start_load(LoadPlan(url, (Phase(4, 150, 150),), mix={"translate": 1}, seed=5), folder).wait()
    return read_load(folder), folder


@pytest.mark.parametrize(("start", "end"), [(None, None), (1, 3), (3, None)])
def test_percentiles_are_those_of_the_raw_log_to_three_digits(measured, start, end):
    result, folder = measured
    seconds = range(start or 0, end or 100)
    chosen = [int(row["latency_us"]) / 1e3 for row in rows_of(folder) if int(float(row["intended"])) in seconds]

    assert result.requests(start, end) == len(chosen)
    for q in (0, 50, 90, 99, 99.9, 100):
        exact = pytest.approx(np.percentile(chosen, q, method="inverted_cdf"), rel=0.002)
        assert result.percentile(q, start=start, end=end) == exact
        assert result.percentile(q, start=start, end=end, journey="translate", step="product") == exact
    assert np.isnan(result.percentile(50, start=start, end=end, journey="cart"))
    assert result.slower(20, start, end) == pytest.approx(sum(each > 20 for each in chosen), abs=3)
    assert result.slower(1e6, start, end) == 0


def test_sessions_end_with_the_answer_to_their_last_request(measured):
    result, folder = measured
    due = [float(row["intended"]) + int(row["latency_us"]) / 1e6 for row in rows_of(folder)]

    assert [good for _, good in result.ends] == [True] * len(due)
    assert sorted(moment for moment, _ in result.ends) == pytest.approx(sorted(due))


def test_seconds_add_up_to_the_load(measured):
    result, folder = measured
    due = arrivals(result.plan).due

    assert result.sessions() == result.requests() == len(rows_of(folder)) == len(due)
    assert [row.offered for row in result.seconds] == np.bincount(np.array(due).astype(int)).tolist()
    assert [row.second for row in result.seconds] == [0, 1, 2, 3]
    assert sum(row.good for row in result.seconds) == len(due)
    assert result.goodput() == pytest.approx(len(due) / 4)
    assert result.goodput(start=1, end=2) == result.seconds[1].good
    assert all(0 < row.p50_ms <= row.p99_ms for row in result.seconds)


def test_the_same_seed_sends_the_same_load_again(measured, target, tmp_path):
    result, folder = measured
    with target() as (_, url):
        start_load(replace(result.plan, url=url), tmp_path).wait()

    first, again = ([(row["due"], row["journey"]) for row in rows(f / "sessions.csv.gz")] for f in (folder, tmp_path))
    assert first == again


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when an answer arrived")
def test_a_generator_that_does_not_run_for_50_ms_knows_what_it_added_to_each_latency(target, load):
    """
    Not the server is stopped, but the generator: some requests are sent late, and some answers read late.

    Each page takes 20 ms. About ten answers arrive while the generator cannot read them.
    """
    with target("--median-ms", "20", "--sigma", "0") as (_, url):
        running, folder = load(url, rate=500, seconds=2)
        wait_until(lambda: running.seconds() > 1)
        generator, began = psutil.Process(running._process.pid), time.monotonic() - running.seconds()
        generator.suspend()
        stopped = time.monotonic() - began
        time.sleep(0.05)
        resumed = time.monotonic() - began
        generator.resume()
        result = running.wait()

    due, latency, sent, read = np.array(
        [[float(row["intended"]), *(int(row[f"{name}_us"]) / 1e6 for name in ("latency", "sent_late", "read_late"))]
         for row in rows_of(folder)]
    ).T  # fmt: skip
    met = (due > stopped) & (due < resumed)
    assert (sent[met] >= resumed - due[met] - 0.001).all()
    assert (latency - sent - read > 0.019).all()
    under_way = (due > stopped - 0.02) & (due < stopped - 0.002)
    assert read[under_way].max() > 0.02
    added = np.percentile((sent + read) * 1e3, 99, method="inverted_cdf")
    assert result.late_ms(99) == pytest.approx(added, abs=0.01)
    assert result.late_ms(50, start=int(stopped), end=int(stopped) + 1) <= result.late_ms(100) >= 45
    assert result.void() is None
    assert "the generator was late: p99" in replace_limit(result, added / 2).late(99)
    assert replace_limit(result, 2 * added).late(99) is None


def replace_limit(result, ms):
    result.plan = replace(result.plan, max_lag_ms=ms)
    return result


def test_arrivals_beyond_the_cap_are_dropped_and_counted_and_the_drain_ends(target, load):
    """Nobody is ever answered: the first five stay, all others find the shop full."""
    with target("--mute") as (_, url):
        running, folder = load(url, rate=40, seconds=1.5, max_in_flight=5, drain_seconds=0.3)
        result = running.wait()

    offered = len(arrivals(result.plan))
    assert (result.sessions(), result.unfinished, result.dropped) == (offered, 5, offered - 5)
    assert result.errors() == {"dropped": offered - 5, "unfinished": 5}
    assert result.good_ratio() == 0
    assert [row["outcome"] for row in rows_of(folder)] == ["unfinished"] * 5


def test_a_request_without_an_answer_times_out_and_counts_with_all_of_its_time(target, load):
    with target("--mute") as (_, url):
        running, _ = load(url, rate=20, seconds=1, timeout_seconds=0.5)
        result = running.wait()

    assert result.errors() == {"timed out": len(arrivals(result.plan))}
    assert result.percentile(0) >= 499
    assert result.unfinished == 0


def test_a_generator_that_is_killed_is_an_error_and_not_a_result(target, load):
    with target() as (_, url):
        running, folder = load(url, rate=20, seconds=30)
        wait_until(lambda: running.seconds() > 0)
        running._process.kill()
        with pytest.raises(LoadError, match="was killed by signal 9 before the load was finished"):
            running.wait()
    with pytest.raises(LoadError, match="is not a complete load"):
        read_load(folder)


def test_a_load_that_is_stopped_keeps_what_it_measured_and_does_not_count(target, load):
    with target() as (_, url):
        running, folder = load(url, rate=40, seconds=30)
        wait_until(lambda: running.seconds() > 3)
        running.stop()
        with pytest.raises(LoadError, match="stopped before its end"):
            running.wait()

    kept = read_load(folder)
    assert 10 < kept.sessions() < len(arrivals(kept.plan)) / 2
    assert kept.good_ratio(end=1) > 0.9  # the last ones were under way when it was stopped
    assert kept.void() == "the load was stopped before its end"


def test_no_generator_goes_on_without_the_lab_that_started_it(target, tmp_path):
    """Killed, the lab can stop nothing itself."""
    code = (
        "import sys, time; from pathlib import Path; from twinshop.lab.load.api import *\n"
        "running = start_load(LoadPlan(sys.argv[1], (Phase(60, 5, 5),), mix={'translate': 1}), Path(sys.argv[2]))\n"
        "print(running._process.pid, flush=True); time.sleep(60)\n"
    )
    with target() as (_, url):
        command = [sys.executable, "-c", code, url, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as lab:
            generator = psutil.Process(int(lab.stdout.readline()))
            wait_until((tmp_path / "began.json").exists)
            lab.kill()
        gone, _ = psutil.wait_procs([generator], timeout=FIRST_SECONDS)
    assert gone


def test_a_shop_that_is_not_there_is_told_before_anything_is_sent(load):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        running, _ = load(f"http://127.0.0.1:{probe.getsockname()[1]}", rate=1, seconds=1)
        with pytest.raises(LoadError, match=r"^The shop does not answer: connection refused\.$"):
            running.wait()


def test_a_plan_that_cannot_be_run_starts_nothing(tmp_path):
    with pytest.raises(LoadError, match="unknown journey 'sleep'"):
        start_load(LoadPlan("http://127.0.0.1:1", (Phase(1, 1, 1),), mix={"sleep": 1}), tmp_path / "load")
    assert not (tmp_path / "load").exists()
