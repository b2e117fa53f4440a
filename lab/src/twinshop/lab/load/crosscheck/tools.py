"""wrk, Artillery and our own generator, each asked for the same: how long a page takes at a rate."""

import json
import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.cores import pinned
from twinshop.lab.load.api import LoadPlan, Phase, start_load
from twinshop.lab.load.crosscheck.target import SKU

PERCENTILES = (50, 90, 99)
SLACK_SECONDS = 60
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True, slots=True)
class Job:
    """
    What a tool is to do.

    Attributes:
        rate: pages a second.
        mean_ms: of a page, by which a closed tool chooses its number of connections (Little's law).
        cores: processors of the tool.
    """

    url: str
    rate: float
    seconds: int
    mean_ms: float
    seed: int
    cores: tuple[int, ...]

    @property
    def page(self) -> str:
        return f"{self.url}/product/{SKU}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tool says: how many pages, and percentiles in ms."""

    pages: int
    percentiles: Sequence[float]


Tool = Callable[[Job], Seen]


def ours(job: Job) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        phases = (Phase(job.seconds, job.rate, job.rate),)
        plan = LoadPlan(job.url, phases, mix={"translate": 1}, seed=job.seed, cores=job.cores)
        result = start_load(plan, Path(folder)).wait()
        if why := result.void() or result.late(99):
            print(f"  void: {why}", flush=True)  # noqa: T201 - a script
        return Seen(result.requests(), [result.percentile(q) for q in PERCENTILES])


def wrk(job: Job) -> Seen:
    """A closed loop in C: a fixed number of connections, each asking again at once."""
    connections = max(1, round(job.rate * job.mean_ms / 1e3))
    told = _run(["wrk", "-t1", f"-c{connections}", f"-d{job.seconds}s", "--latency", job.page], job)
    found = {
        float(q): float(value) * _UNITS[unit] for q, value, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)", told)
    }
    pages = re.search(r"(\d+) requests in", told)
    assert pages is not None
    return Seen(int(pages[1]), [found[q] for q in PERCENTILES])


def artillery(command: str) -> Tool:
    """An open loop in JavaScript: Poisson arrivals, a connection for each; percentiles to 1 %."""

    def run(job: Job) -> Seen:
        phase = {"duration": job.seconds, "arrivalRate": job.rate, "mode": "poisson"}
        test = {
            "config": {"target": job.url, "phases": [phase]},
            "scenarios": [{"flow": [{"get": {"url": f"/product/{SKU}"}}]}],
        }
        with tempfile.TemporaryDirectory() as folder:
            script, output = Path(folder) / "test.json", Path(folder) / "output.json"
            script.write_text(json.dumps(test), encoding="utf-8")
            _run([command, "run", "--quiet", "--output", str(output), str(script)], job)
            told = json.loads(output.read_text(encoding="utf-8"))["aggregate"]
        summary = told["summaries"]["http.response_time"]
        return Seen(summary["count"], [summary[f"p{q}"] for q in PERCENTILES])

    return run


def available(artillery_command: str | None) -> tuple[Mapping[str, Tool], Sequence[str]]:
    """The tools that are there, ours first, and what to tell about those that are not."""
    tools: dict[str, Tool] = {"twinshop": ours}
    missing = []
    if shutil.which("wrk"):
        tools["wrk"] = wrk
    else:
        missing.append("wrk is not installed (Debian, Ubuntu: apt install wrk): skipped.")
    command = artillery_command or shutil.which("artillery")
    if command and Path(command).is_file():
        tools["artillery"] = artillery(str(Path(command).resolve()))
    else:
        missing.append(
            "Artillery is not installed (npm install artillery; --artillery node_modules/.bin/artillery): skipped."
        )
    return tools, missing


def exponential(mean_ms: float, q: float) -> float:
    """A percentile of an exponential distribution."""
    return -mean_ms * math.log(1 - q / 100)


def _run(command: Sequence[str], job: Job) -> str:
    environment = {**os.environ, "ARTILLERY_DISABLE_TELEMETRY": "true", "NO_UPDATE_NOTIFIER": "1"}
    with pinned(job.cores):
        run = subprocess.run(  # noqa: S603
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=job.seconds + SLACK_SECONDS,
            check=True,
        )
    return run.stdout
