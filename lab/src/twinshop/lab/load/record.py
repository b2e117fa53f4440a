"""
What a generator writes down, in memory while the load runs and into its folder afterwards.

    plan.json          what was asked for
    sessions.csv.gz    one row for each arrival: when due, its result
    requests.csv.gz    one row for each request: when intended, latency from then on, its result, how late it was sent
                       and its answer was read by the generator
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
from math import isnan
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
UNKNOWN = -1
"""How late an answer was read, where that is not known."""


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
    """Appends to arrays: 30 bytes for a request, 16 for a session."""

    arrivals: Arrivals
    outcomes: Names = field(default_factory=lambda: Names(GOOD, DEGRADED, DROPPED, UNFINISHED))
    steps: Names = field(default_factory=Names)
    checkouts: list[Checkout] = field(default_factory=list)
    cpu: list[tuple[float, float, float]] = field(default_factory=list)
    """Seconds since the load began; since then, of the generator: CPU seconds, seconds of waiting for a processor."""

    def __post_init__(self) -> None:
        self.session_outcome = array("l", [-1]) * len(self.arrivals)
        self._finished = array("L")
        self._session, self._step, self._outcome = array("L"), array("B"), array("H")
        self._due, self._latency = array("d"), array("Q")
        self._sent_late, self._read_late = array("I"), array("i")

    def request(
        self, session: int, due: float, latency: float, step: str, outcome: str, late: tuple[float, float]
    ) -> None:
        """
        One request; seconds, `step` as `journey:step`.

        `late`: how late the generator sent it, and read its answer (NaN if there was none, or if it is not known).
        """
        sent, read = late
        self._sent_late.append(min(max(round(sent * 1e6), 0), histogram.HIGHEST))
        self._read_late.append(UNKNOWN if isnan(read) else min(round(read * 1e6), histogram.HIGHEST))
        self._session.append(session)
        self._due.append(due)
        self._latency.append(min(max(round(latency * 1e6), 1), histogram.HIGHEST))
        self._step.append(self.steps.number(step))
        self._outcome.append(self.outcomes.number(outcome))

    def begun(self, session: int) -> None:
        """A session sends its first request. Until it has ended it is unfinished."""
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
        _rows(folder / "sessions.csv.gz", ("session", "due", "journey", "outcome"), self._session_rows())
        names = ("session", "intended", "latency_us", "journey", "step", "outcome", "sent_late_us", "read_late_us")
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
                yield number, f"{due:.6f}", JOURNEYS[journey], words[outcome]

    def _request_rows(self) -> Iterator[Sequence[object]]:
        late = self._sent_late, self._read_late
        columns = zip(self._session, self._due, self._latency, self._step, self._outcome, *late, strict=True)
        steps = [word.split(":") for word in self.steps.words]
        for session, due, latency, step, outcome, sent, read in columns:
            word = self.outcomes.words[outcome]
            yield session, f"{due:.6f}", latency, *steps[step], word, sent, "" if read == UNKNOWN else read

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
