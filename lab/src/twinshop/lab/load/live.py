"""A load while it runs: one line a second in `live.jsonl`, for observers."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from twinshop.lab.load.record import DEGRADED, GOOD, Recorder

FILE = "live.jsonl"


class Live:
    """What has ended since the last line: by the end of a session, not by its intended start as in the results."""

    def __init__(self, recorder: Recorder, folder: Path) -> None:
        self._recorder = recorder
        self._file = (folder / FILE).open("a", encoding="utf-8")
        self._sessions = 0
        self._requests = 0

    def tell(self) -> None:
        """
        Write a line.

        Its members: `at` (`time.time`), `good` and `failed` (sessions; dropped ones failed), `p50_ms` and `p99_ms`
        of the requests, null if there were none.
        """
        ended = self._recorder.ended_since(self._sessions)
        latencies = self._recorder.latencies_since(self._requests)
        self._sessions += len(ended)
        self._requests += len(latencies)
        good = sum(outcome in (GOOD, DEGRADED) for outcome in ended)
        p50, p99 = np.percentile(latencies, [50, 99]) / 1e3 if latencies else (None, None)
        line = {"at": round(time.time(), 2), "good": good, "failed": len(ended) - good, "p50_ms": p50, "p99_ms": p99}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

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
