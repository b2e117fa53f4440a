"""The supervisor of a shop in the background: start it, ask it, stop it, and let nothing of it survive."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import psutil

from twinshop.lab.environments.local import supervise
from twinshop.lab.environments.local.programs import Program
from twinshop.lab.environments.local.strays import MARK, end, marked, strays
from twinshop.lab.environments.local.supervisor import STOP_SECONDS
from twinshop.lab.errors import ProvisionError

ANSWER_SECONDS = 10.0
POLL_SECONDS = 0.05


class Supervision:
    """Of the programs whose data and logs are in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / supervise.STATE

    def start(self, programs: Sequence[Program], environment: Mapping[str, str]) -> None:
        """Start the programs; they come up after this has returned. Raises LabError."""
        self._file.unlink(missing_ok=True)
        log = self._folder / "logs" / "supervisor.log"
        with log.open("wb") as output:
            subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-m", supervise.__name__, str(self._folder)],
                input=json.dumps([asdict(program) for program in programs]).encode(),
                env={**environment, MARK: str(self._folder)},
                cwd=self._folder,
                stdout=output,
                stderr=output,
                check=False,
            )
        limit = time.monotonic() + ANSWER_SECONDS
        while self.states() is None:
            if time.monotonic() > limit:
                said = log.read_text(encoding="utf-8", errors="replace")
                raise ProvisionError(f"The supervisor does not start; see {log}.\n{said}")
            time.sleep(POLL_SECONDS)

    def states(self) -> dict[str, dict[str, Any]] | None:
        """What it knows of each program (`Supervisor.state`), by name; None if it does not run."""
        told = self._told()
        return None if told is None else told["programs"]

    def stop(self) -> bool:
        """Stop it with all its programs; what is still there afterwards is killed. False if there was nothing."""
        found, told = self.strays(), self._told()
        for process in found:
            with suppress(psutil.Error):
                process.resume()  # a paused one could not stop
        if told is not None:
            end([each for each in found if each.pid == told["pid"]], SIGTERM, STOP_SECONDS + ANSWER_SECONDS)
        for number in (SIGTERM, SIGKILL):
            end(self.strays(), number, ANSWER_SECONDS)
        self._file.unlink(missing_ok=True)
        return bool(found)

    def strays(self) -> list[psutil.Process]:
        """The processes of this shop that run, known by their mark; children and orphans too."""
        return strays(self._folder)

    def _told(self) -> dict[str, Any] | None:
        try:
            told: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return told if marked(told["pid"], self._folder) else None
