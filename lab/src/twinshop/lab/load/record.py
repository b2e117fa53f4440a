"""
What a generator writes down, in memory while the load runs and into its folder afterwards.

    plan.json          what was asked for
    sessions.csv.gz    one row for each arrival: when due, how late it began, its result
    requests.csv.gz    one row for each request: when intended, latency from then on, its result
    latency.hlog       the same latencies as HdrHistograms, in the format of the HdrHistogram log: an interval a second
                       for each step of each journey, in microseconds
    orders.csv         checkouts that were acknowledged, and those whose end is unknown
    generator.json     when it began, its use of its processor in each second, whether it came to its end

The generator is Locust's process: nothing here may import it or be slow.
"""

import csv
import gzip
import io
import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from twinshop.lab.load import histogram
from twinshop.lab.load.arrivals import Arrivals
from twinshop.lab.load.plan import JOURNEYS

GOOD = "good"
DEGRADED = "degraded"
"""Good in all that the journey needs, on a page that says that another part of the shop is down."""
DROPPED = "dropped"
UNFINISHED = "unfinished"
FAULT = "a fault of the generator itself"


class Names:
    """Words as small numbers."""

    def __init__(self, *known: str) -> None:
        self.words = list(known)
        self._numbers = {word: number for number, word in enumerate(known)}

    def number(self, word: str) -> int:
        if word not in self._numbers:
            self._numbers[word] = len(self.words)
            self.words.append(word)
        return self._numbers[word]


@dataclass(frozen=True, slots=True)
class Checkout:
    """
    A checkout that was sent. `id` and `number` are empty where the end is unknown.

    Attributes:
        due: seconds since the load began.
        key: its idempotency key.
        total: what the order costs, or was expected to cost, in minor units.
    """

    session: int
    due: float
    outcome: str
    id: str
    number: str
    key: str
    total: int
    sku: str
    quantity: int


@dataclass
class Recorder:
    """Appends to arrays: 22 bytes for a request, 24 for a session."""

    arrivals: Arrivals
    outcomes: Names = field(default_factory=lambda: Names(GOOD, DEGRADED, DROPPED, UNFINISHED))
    steps: Names = field(default_factory=Names)
    checkouts: list[Checkout] = field(default_factory=list)
    cpu: list[tuple[float, float, float]] = field(default_factory=list)
    """Seconds since the load began; since then, of the generator: CPU seconds, seconds of waiting for a processor."""

    def __post_init__(self) -> None:
        self.session_outcome = array("l", [-1]) * len(self.arrivals)
        self.session_lag = array("d", [0.0]) * len(self.arrivals)
        self._finished = array("L")
        self._session, self._step, self._outcome = array("L"), array("B"), array("H")
        self._due, self._latency = array("d"), array("Q")

    def request(self, session: int, due: float, latency: float, step: str, outcome: str) -> None:
        """One request; seconds, `step` as `journey:step`."""
        self._session.append(session)
        self._due.append(due)
        self._latency.append(min(max(round(latency * 1e6), 1), histogram.HIGHEST))
        self._step.append(self.steps.number(step))
        self._outcome.append(self.outcomes.number(outcome))

    def begun(self, session: int, lag: float) -> None:
        """How late a session sends its first request, in seconds. Until it has ended it is unfinished."""
        self.session_lag[session] = lag
        self.session_outcome[session] = self.outcomes.number(UNFINISHED)

    def ended(self, session: int, outcome: str) -> None:
        self.session_outcome[session] = self.outcomes.number(outcome)
        self._finished.append(session)

    def ended_since(self, number: int) -> list[tuple[int, str]]:
        """The sessions that have ended and their outcomes, in the order of their ends, all but the first `number`."""
        return [(session, self.outcomes.words[self.session_outcome[session]]) for session in self._finished[number:]]

    def requests_since(self, number: int) -> list[tuple[int, float, int]]:
        """Session, intended start (s) and latency (µs) of the requests, all but the first `number`."""
        return list(zip(self._session[number:], self._due[number:], self._latency[number:], strict=True))

    def write(self, folder: Path, **about: Any) -> None:  # noqa: ANN401 - JSON
        """`generator.json` last: a folder with it is whole."""
        _rows(folder / "sessions.csv.gz", ("session", "due", "journey", "outcome", "lag_us"), self._session_rows())
        names = ("session", "intended", "latency_us", "journey", "step", "outcome")
        _rows(folder / "requests.csv.gz", names, self._request_rows())
        (folder / "latency.hlog").write_text("".join(self._intervals()), encoding="ascii")
        with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(Checkout.__slots__)
            writer.writerows([getattr(each, name) for name in Checkout.__slots__] for each in self.checkouts)
        text = json.dumps({**about, "cpu": self.cpu}, indent=1)
        (folder / "generator.json").write_text(text + "\n", encoding="utf-8")

    def _session_rows(self) -> Iterator[Sequence[object]]:
        words = self.outcomes.words
        for number, (due, journey) in enumerate(zip(self.arrivals.due, self.arrivals.journey, strict=True)):
            outcome = self.session_outcome[number]
            if outcome >= 0:  # otherwise the load was stopped before
                lag = round(self.session_lag[number] * 1e6)
                yield number, f"{due:.6f}", JOURNEYS[journey], words[outcome], lag

    def _request_rows(self) -> Iterator[Sequence[object]]:
        columns = zip(self._session, self._due, self._latency, self._step, self._outcome, strict=True)
        steps = [word.split(":") for word in self.steps.words]
        for session, due, latency, step, outcome in columns:
            yield session, f"{due:.6f}", latency, *steps[step], self.outcomes.words[outcome]

    def _intervals(self) -> Iterator[str]:
        yield "#[Histogram log format version 1.3]\n#[Latencies in microseconds from the intended start]\n"
        yield '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n'
        seconds = np.array(self._due).astype(int)
        steps, latencies = np.array(self._step), np.array(self._latency)
        order = np.lexsort((steps, seconds))
        pairs = zip(seconds[order].tolist(), steps[order].tolist(), latencies[order].tolist(), strict=True)
        for (second, step), rows in groupby(pairs, key=lambda row: row[:2]):
            counted = [latency for _, _, latency in rows]
            payload, highest = histogram.encode(counted), int(histogram.highest(histogram.bucket(max(counted)))) / 1e6
            yield f"Tag={self.steps.words[step]},{second:.3f},1.000,{highest:.6f},{payload}\n"


def _rows(path: Path, header: Iterable[str], rows: Iterable[Sequence[object]]) -> None:
    with (
        gzip.GzipFile(path, "wb", compresslevel=3, mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
