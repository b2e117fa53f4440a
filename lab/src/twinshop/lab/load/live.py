"""A load while it runs: one line a second in `live.jsonl`, for observers."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from twinshop.lab.load.plan import JOURNEYS
from twinshop.lab.load.record import DEGRADED, GOOD, Recorder

FILE = "live.jsonl"


class Live:
    """Writes what is new since the last line: sessions that are due, sessions that have ended."""

    def __init__(self, recorder: Recorder, folder: Path, started: float) -> None:
        """`started`: when the load began, by `time.time`."""
        self._recorder = recorder
        self._file = (folder / FILE).open("a", encoding="utf-8")
        self._started = started
        self._due = 0
        self._sessions = 0
        self._requests = 0
        self._last: dict[int, float] = {}

    def tell(self) -> None:
        """
        Write a line.

        Its members: `at` and `started`, the time of the line and of the beginning of the load (`time.time`); `due`,
        the sessions that have become due: number, seconds since the load began, journey; `ended`, those that have
        ended: number, seconds since the load began, outcome; `good` and `failed`, how many these are (dropped ones
        failed); `p50_ms` and `p99_ms` of the requests that have ended, null if there were none.
        """
        at = time.time()
        requests = self._recorder.requests_since(self._requests)
        latencies = [latency for _, _, latency in requests]
        for session, due, latency in requests:
            self._last[session] = due + latency / 1e6
        ended = self._recorder.ended_since(self._sessions)
        self._requests += len(requests)
        self._sessions += len(ended)
        good = sum(outcome in (GOOD, DEGRADED) for _, outcome in ended)
        p50, p99 = np.percentile(latencies, [50, 99]) / 1e3 if latencies else (None, None)
        line = {
            "at": round(at, 3),
            "started": self._started,
            "due": self._newly_due(at - self._started),
            "ended": [(session, self._end_of(session), outcome) for session, outcome in ended],
            "good": good,
            "failed": len(ended) - good,
            "p50_ms": p50,
            "p99_ms": p99,
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def _newly_due(self, now: float) -> list[tuple[int, float, str]]:
        arrivals, first = self._recorder.arrivals, self._due
        while self._due < len(arrivals) and arrivals.due[self._due] <= now:
            self._due += 1
        new = range(first, self._due)
        return [(number, round(arrivals.due[number], 3), JOURNEYS[arrivals.journey[number]]) for number in new]

    def _end_of(self, session: int) -> float:
        """The end of its last request; a session that was dropped ends when it is due."""
        return round(self._last.pop(session, self._recorder.arrivals.due[session]), 3)

    def close(self) -> None:
        self._file.close()


class LiveReader:
    """Reads the lines that are new since the last look; one that is not whole yet waits for its end."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._read = 0

    def new(self) -> Iterator[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                text = file.read()
        except FileNotFoundError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            yield json.loads(line)
