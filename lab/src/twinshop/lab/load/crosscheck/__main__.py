"""
Compare the generator with other tools, and find out how much it can do.

    python -m twinshop.lab.load.crosscheck --artillery node_modules/.bin/artillery     # about 15 minutes
    python -m twinshop.lab.load.crosscheck --part ceiling                              # about 2 minutes

The server notes how long each page took, so every figure is beside the truth of the very same requests. The tools take
turns, in another order in each repeat.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.request import urlopen

import numpy as np
from scipy import stats

from twinshop.lab.cores import divided, pinned
from twinshop.lab.load.api import LoadPlan, Phase, start_load
from twinshop.lab.load.crosscheck.tools import PERCENTILES, Job, Tool, available, exponential
from twinshop.lab.terminal import say

MEDIAN_MS, SIGMA = 20.0, 0.5
SERIAL_MS, SERIAL_RATE = 7.0, 100.0
RATES = (50.0, 200.0, 500.0)
CEILING = (500, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000)
CEILING_SECONDS = 8.0
TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one tool: percentiles in ms, by itself and by the server."""

    server: str
    rate: float
    repeat: int
    tool: str
    pages: int
    seen: Sequence[float]
    truth: Sequence[float]


@contextmanager
def serving(cores: Sequence[int], *options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "twinshop.lab.load.crosscheck.target", "0", *options]
    with pinned(cores):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


def served(url: str) -> list[float]:
    """Milliseconds of each page since the last look."""
    with urlopen(f"{url}/served", timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own http://127.0.0.1
        times: list[float] = json.load(answer)
    return times


def compare(tools: Mapping[str, Tool], rates: Sequence[float], repeats: int, seconds: int) -> Iterator[Row]:
    shop_cores, load_cores = divided()
    order = random.Random(1)  # noqa: S311 - reproducible
    mean_ms = MEDIAN_MS * float(np.exp(SIGMA**2 / 2))
    independent = ("--median-ms", str(MEDIAN_MS), "--sigma", str(SIGMA))
    levels: list[tuple[str, float, tuple[str, ...]]] = [("independent", rate, independent) for rate in rates]
    levels.append(("queue", SERIAL_RATE, ("--serial-ms", str(SERIAL_MS))))
    for repeat in range(repeats):
        for server, rate, options in levels:
            names = [name for name in tools if server == "independent" or name != "wrk"]
            for name in order.sample(names, len(names)):
                with serving(shop_cores, *options, "--seed", str(repeat)) as url:
                    seen = tools[name](Job(url, rate, seconds, mean_ms, repeat + 1, load_cores))
                    truth = np.percentile(served(url), PERCENTILES, method="inverted_cdf").tolist()
                row = Row(server, rate, repeat, name, seen.pages, seen.percentiles, truth)
                say(f"  {server} {rate:g}/s, repeat {repeat + 1}, {name}: {seen.pages} pages")
                yield row


def report(rows: Sequence[Row]) -> str:
    """Each tool beside the truth; then ours over each other tool, paired by repeat, with 95 % intervals (Student)."""
    lines = [
        "| server | pages/s | tool | n | " + " | ".join(f"p{q}: server, tool, difference" for q in PERCENTILES) + " |"
    ]
    lines.append("| --- " * (4 + len(PERCENTILES)) + "|")
    for (server, rate, tool), group in _grouped(rows).items():
        truth, seen = (np.array([getattr(row, name) for row in group]) for name in ("truth", "seen"))
        cells = []
        for column in range(len(PERCENTILES)):
            difference = _interval(seen[:, column] - truth[:, column])
            cells.append(f"{truth[:, column].mean():.1f}, {seen[:, column].mean():.1f}, {difference}")
        pages = sum(row.pages for row in group)
        lines.append(f"| {server} | {rate:g} | {tool} | {pages} | " + " | ".join(cells) + " |")
    mean = 1 / (1 / SERIAL_MS - SERIAL_RATE / 1e3)
    known = ", ".join(f"p{q} {exponential(mean, q):.1f} ms" for q in PERCENTILES)
    lines += ["", f"Theory of the queue (M/M/1): {known}.", "", "Ours / other, each over its server's truth:"]
    grouped = _grouped(rows)
    for (server, rate, tool), group in grouped.items():
        if tool == "twinshop":
            continue
        own = grouped[server, rate, "twinshop"]
        logs = np.log([np.divide(mine.seen, mine.truth) for mine in own]) - np.log(
            [np.divide(its.seen, its.truth) for its in group]
        )
        ratios = [_interval(logs[:, column], exponential=True) for column in range(len(PERCENTILES))]
        told = ", ".join(f"p{q} {ratio}" for q, ratio in zip(PERCENTILES, ratios, strict=True))
        lines.append(f"- {server} {rate:g}/s, {tool}: {told}")
    return "\n".join(lines)


def _grouped(rows: Sequence[Row]) -> dict[tuple[str, float, str], list[Row]]:
    found: dict[tuple[str, float, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.server, row.rate, row.tool, row.repeat)):
        found.setdefault((row.server, row.rate, row.tool), []).append(row)
    return found


def _interval(values: "np.typing.NDArray[np.float64]", *, exponential: bool = False) -> str:
    mean, n = float(values.mean()), len(values)
    half = float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / n**0.5) if n > 1 else float("nan")
    low, middle, high = (float(np.exp(value)) if exponential else value for value in (mean - half, mean, mean + half))
    return f"{middle:.3f} [{low:.3f}, {high:.3f}]" if exponential else f"{middle:+.2f} [{low:+.2f}, {high:+.2f}]"


def ceiling(folder: Path) -> Iterator[str]:
    """One rate after the other on one processor, until the load does not count."""
    shop_cores, load_cores = divided()
    yield f"{'rate':>6} {'CPU':>5} {'late p99 ms':>10} {'p50 ms':>7} {'p99 ms':>7}"
    for rate in CEILING:
        with serving(shop_cores) as url:
            phases = (Phase(CEILING_SECONDS, rate, rate),)
            plan = LoadPlan(url, phases, mix={"translate": 1}, cores=load_cores)
            result = start_load(plan, folder / f"ceiling-{rate}").wait()
        p50, p99 = result.percentile(50), result.percentile(99)
        cpu, late, why = result.generator_cpu_ratio, result.late_ms(99), result.void() or result.late(99)
        yield f"{rate:6} {cpu:5.0%} {late:10.2f} {p50:7.2f} {p99:7.2f}  {why or ''}"
        if why:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("tools", "ceiling"), default="tools", help="default: tools")
    parser.add_argument("--artillery", help="its command")
    parser.add_argument("--rates", type=float, nargs="+", default=RATES, help="pages a second; default: 50 200 500")
    parser.add_argument("--repeats", type=int, default=5, help="default: 5")
    parser.add_argument("--seconds", type=int, default=20, help="of each run; default: 20")
    parser.add_argument("--folder", type=Path, default=Path("results/crosscheck"), help="default: results/crosscheck")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.part == "ceiling":
        for line in ceiling(given.folder):
            say(line)
        return
    tools, missing = available(given.artillery)
    for line in missing:
        say(line)
    if len(tools) == 1:
        say("There is nothing to compare with.")
        return
    rows: list[Row] = []
    for row in compare(tools, given.rates, given.repeats, given.seconds):
        rows.append(row)
        (given.folder / "rows.json").write_text(json.dumps([asdict(each) for each in rows], indent=1) + "\n")
    say("\n" + report(rows))


if __name__ == "__main__":
    main()
