"""`twinshop soak`: samples, table, progress, and what an interruption leaves."""

import json
import signal
import subprocess
import sys

import pytest

from twinshop.lab.soak import command, report
from twinshop.lab.soak.measure import Sample
from twinshop.testing.waiting import wait_until

MIB = 2**20


def grown(seconds, per_second):
    return [Sample(float(at), {"mono": int((100 + per_second * at) * MIB)}, 2, 0) for at in range(1, seconds + 1)]


def test_the_table_tells_the_size_and_the_slope_of_each_process():
    text = report.text("mono", grown(100, 0.01))

    assert "mono, 1.7 min: 2.0 good sessions a second, 0 failed" in text
    row = text.splitlines()[-1].split()
    assert row[:4] == ["mono", "100.0", "101.0", "101.0"]
    assert row[4] == "+36.0"


def test_a_short_soak_says_that_it_is_too_short_for_a_slope():
    assert report.text("mono", grown(5, 1)).endswith("too short")


def test_the_progress_says_how_long_is_left():
    assert command._progress("mono", grown(3, 0), 90) == "  mono, 3 s: mono 100 MiB; about 1.5 min left"


@pytest.mark.integration
def test_an_interrupted_soak_keeps_its_samples_and_prints_its_table(tmp_path):
    options = ("--shape", "mono", "--minutes", "30", "--rate", "2", "--every", "0.2", "--folder", str(tmp_path))
    soak = subprocess.Popen(
        [sys.executable, "-m", "twinshop.lab", "soak", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        first = soak.stdout.readline()
        assert first.startswith("Soak: mono, 30 min each, 2 sessions a second")
        kept = tmp_path / "mono" / command.FILE
        wait_until(lambda: kept.exists() and kept.stat().st_size)
    finally:
        soak.send_signal(signal.SIGINT)
        told, _ = soak.communicate(timeout=120)
    assert soak.returncode == 130
    sample = json.loads(kept.read_text().splitlines()[0])
    assert sample["memory_bytes"].keys() == {"mono"}
    assert sample["memory_bytes"]["mono"] > 10 * MIB
    assert "\nmono" in told
