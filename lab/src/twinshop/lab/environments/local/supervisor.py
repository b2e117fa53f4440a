"""
One program, kept running: started again when it dies, as a container engine would.

Written here and not taken from supervisord: a trial needs Docker's own restart delays, a program bound to processors,
and to know at once that it has died (supervisord looks once a second).
"""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from twinshop.lab.environments.local.process_group import kill_group
from twinshop.lab.errors import ProvisionError

FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 60.0
STEADY_SECONDS = 10.0
"""Docker's rule: a program that dies is started again after 0.1 s, then twice that each time, until it ran for 10 s."""
STOP_SECONDS = 25.0
"""Longer than the services give to requests under way after SIGTERM (`TWINSHOP_STOP_SECONDS`)."""

PATH = "PYTHONPATH"


class Supervisor:
    """
    A program in a session and process group of its own, and a thread that waits for its death.

    The thread costs nothing while the program lives. All starts are made in it, so that they inherit the processors to
    which the thread is bound; a function to be called between fork and exec is not safe beside threads.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        cores: Sequence[int] | None,
    ) -> None:
        self.name = name
        self.restarts = 0
        """How often it was started again after it died."""
        self.deaths = 0
        """How often it died unasked since it was last told to run."""
        self.exit_code: int | None = None
        self._command = tuple(command)
        self._environment = dict(environment)
        self.log = log
        self._cores = cores
        self._changed = threading.Condition()
        self._wanted = self._closed = False
        self._orders = 0  # counts every call that starts or stops it
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._supervise, name=f"supervisor of {name}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Of the process that leads the group, which has the same number; None while it does not run."""
        process = self._process
        return process.pid if process else None

    def look_first(self, folder: Path) -> None:
        """Python looks for code there first, from the next start on."""
        folders = [str(folder), *filter(None, self._environment.get(PATH, "").split(os.pathsep))]
        self._environment[PATH] = os.pathsep.join(dict.fromkeys(folders))

    def as_json(self) -> dict[str, Any]:
        """What it takes to run it without this supervisor; secrets of its environment too."""
        return {
            "pid": self.pid,
            "command": self._command,
            "environment": self._environment,
            "log": str(self.log),
            "cores": self._cores,
        }

    @property
    def wanted(self) -> bool:
        """Whether it is to run."""
        return self._wanted

    def start(self) -> None:
        """Let it run; returns once it was started. Raises LabError."""
        self.order(run=True)
        with self._changed:
            self._changed.wait_for(lambda: self._process or self._failure)
        if self._failure:
            raise ProvisionError(f"{self.name} cannot be started: {self._failure}") from self._failure

    def order(self, *, run: bool) -> None:
        """Say whether it is to run from now on; returns at once."""
        with self._changed:
            if run:
                self._failure, self.deaths = None, 0
            self._wanted = run
            self._orders += 1
            self._changed.notify_all()

    def state(self) -> dict[str, Any]:
        """For other processes: `pid`, `deaths`, and `failure` in words if it could not be started at all."""
        failure = self._failure
        return {"pid": self.pid, "deaths": self.deaths, "failure": str(failure) if failure else ""}

    def signal(self, number: int) -> None:
        """Send it to the whole group."""
        with self._changed:
            if self._process:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, number)

    def crash(self) -> None:
        """SIGKILL to the group; returns when it is dead, and it is started again after the delay."""
        with self._changed:
            deaths = self.deaths
            if self._process:
                self.signal(signal.SIGKILL)
                self._changed.wait_for(lambda: self.deaths != deaths or not self._wanted)

    def kill(self) -> None:
        """SIGKILL to the group; it stays down."""
        self.order(run=False)
        self.signal(signal.SIGKILL)
        self._until_down(None)

    def tell_to_stop(self) -> None:
        """SIGTERM to the leader, which tells its workers itself; it stays down. `wait_stopped` comes next."""
        self.order(run=False)
        self.signal(signal.SIGCONT)  # a paused one could not stop
        with self._changed:
            if self._process:
                self._process.terminate()

    def wait_stopped(self) -> None:
        """Until it is down; what does not come to its end in time is killed."""
        if not self._until_down(STOP_SECONDS):
            self.kill()

    def close(self) -> None:
        """Kill it and end the thread."""
        with self._changed:
            self._closed = True
        self.kill()
        self._thread.join()

    def _until_down(self, seconds: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._process is None, seconds)

    def _supervise(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while self._begin():
            began = monotonic()
            self._await_death()
            with self._changed:
                if not self._wanted or monotonic() - began > STEADY_SECONDS:
                    delay = FIRST_DELAY_SECONDS
                if self._wanted:
                    self.deaths += 1
                    self._wait_before_restart(delay)
                    delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _wait_before_restart(self, delay: float) -> None:
        orders = self._orders
        if not self._changed.wait_for(lambda: self._orders != orders, delay):
            self.restarts += 1

    def _begin(self) -> bool:
        """Start it when it is wanted; False when the supervisor is closed."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return False
                try:
                    self._process = self._spawn()
                except OSError as error:
                    self._failure, self._wanted = error, False
                self._changed.notify_all()
                if self._process:
                    return True

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self._cores:
            try:
                os.sched_setaffinity(0, self._cores)  # of this thread alone
            except OSError as error:
                raise OSError(f"this machine has no processors {self._cores}, or they may not be used") from error
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own commands
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _await_death(self) -> None:
        process = self._process
        if process is None:
            return
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        kill_group(process.pid)  # its workers, before its number is free for others
        with self._changed:
            self.exit_code = process.wait()
            self._process = None
            self._changed.notify_all()


def stop_all(supervisors: Sequence[Supervisor]) -> None:
    """Stop these programs together; returns when all are down."""
    for each in supervisors:
        each.tell_to_stop()
    for each in supervisors:
        each.wait_stopped()
