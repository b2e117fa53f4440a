"""The generator as a child process: Locust with `open/locustfile.py`."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from twinshop.lab.errors import LoadError
from twinshop.lab.load.plan import LoadPlan
from twinshop.lab.load.result import LoadResult, read_load
from twinshop.lab.repository import repository

LOCUSTFILE = Path(__file__).parent / "open" / "locustfile.py"
PREPARE_SECONDS = 60.0
WRITE_SECONDS = 120.0
STOP_SECONDS = 10.0
TOLD_LINES = 15


class RunningLoad:
    """A load under way, in a child process (Locust patches sockets when it is imported)."""

    def __init__(self, plan: LoadPlan, folder: Path) -> None:
        self._plan, self._folder = plan, folder
        self._log = folder / "generator.log"
        self._stopped = False
        folder.mkdir(parents=True, exist_ok=True)
        for stale in ("began.json", "failure.txt", "generator.json"):
            (folder / stale).unlink(missing_ok=True)
        (folder / "plan.json").write_text(plan.as_json(), encoding="utf-8")
        options = ("--headless", "--users", "1", "--only-summary", "--exit-code-on-error", "0", "--host", plan.url)
        command = (sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *options, "--plan", str(folder.resolve()))
        root = repository()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                cwd=root,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this process, which then decides
            )
        self._since = time.monotonic()

    def seconds(self) -> float:
        """Since it began; negative while it still prepares."""
        try:
            began: float = json.loads((self._folder / "began.json").read_text(encoding="utf-8"))["monotonic"]
        except (OSError, ValueError):
            return -1.0
        return time.monotonic() - began  # of all processes the same clock

    def running(self) -> bool:
        """Whether the generator is there; it may have failed."""
        return self._process.poll() is None

    def wait(self) -> LoadResult:
        """Until all sessions have ended. Raises LoadError if the generator fails. Interrupted, it stops the load."""
        longest = PREPARE_SECONDS + self._plan.seconds + self._plan.drain_seconds + WRITE_SECONDS
        try:
            code = self._process.wait(max(0.0, self._since + longest - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.stop()
            raise LoadError(f"The load generator did not end within {longest:.0f} seconds.\n{self._told()}") from None
        except BaseException:
            self.stop()
            raise
        if self._stopped:
            raise LoadError("The load was stopped before its end.")
        if (failure := self._folder / "failure.txt").exists():
            raise LoadError(failure.read_text(encoding="utf-8"))
        if not (self._folder / "generator.json").exists():
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            raise LoadError(f"The load generator {how} before the load was finished.\n{self._told()}")
        return read_load(self._folder)

    def stop(self) -> None:
        """At once; what was measured so far is kept in the folder. Does nothing to a load that has ended."""
        if self._process.poll() is not None:
            return
        self._stopped = True
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _told(self) -> str:
        """The end of its log."""
        with suppress(OSError):
            return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-TOLD_LINES:])
        return ""


def start_load(plan: LoadPlan, folder: Path) -> RunningLoad:
    """
    Start the generator; what it records goes to `folder`.

    It begins when it has read the shop's products, a second or two later (see `RunningLoad.seconds`).
    Raises LoadError for a plan that cannot be run.
    """
    if fault := plan.fault():
        raise LoadError(fault)
    return RunningLoad(plan, folder)
