"""One supervisord: start it, ask it, stop it, and let nothing of it survive."""

import configparser
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from twinshop.lab.environments.local.programs import Program
from twinshop.lab.environments.local.strays import MARK, end, strays
from twinshop.lab.environments.local.supervisor_config import STOP_SECONDS, config
from twinshop.lab.errors import LabError, ProvisionError

ANSWER_SECONDS = 10.0
PREFIX = "twinshop-"
LONGEST_BASE = 60
"""Bytes of the folder's path, which leave enough for the rest: `twinshop-xxxxxxxx/control.<pid>`."""


class Supervisord:
    """The process manager whose files are in the folder `state`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.file = state / "supervisord.conf"

    def start(self, programs: Sequence[Program], environment: Mapping[str, str]) -> None:
        """Write the configuration and start; programs come up after this has returned."""
        control = _control()
        try:
            self.file.write_text(config(programs, self.state, control))
        except LabError:
            control.parent.rmdir()
            raise
        started = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.file)],
            env={**environment, MARK: str(self.state)},
            cwd=self.state,
            capture_output=True,
            text=True,
            check=False,
        )
        if started.returncode:
            raise ProvisionError(f"supervisord does not start:\n{started.stderr.strip() or started.stdout.strip()}")
        if not _within(ANSWER_SECONDS, lambda: self.states() is not None):
            raise ProvisionError(f"supervisord does not answer; see {self.state / 'logs' / 'supervisord.log'}.")

    def states(self) -> dict[str, dict[str, Any]] | None:
        """What it knows of each program, by name; None if it does not run."""
        answer: Any = self._ask("getAllProcessInfo")
        return None if answer is None else {info["name"]: info for info in answer}

    def stop(self) -> bool:
        """Stop it with all its programs; what is still there afterwards is killed. False if there was nothing."""
        found = self.strays()
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.resume()  # a paused one could not stop
        own = self._ask("getPID")
        if self._ask("shutdown"):
            psutil.wait_procs([each for each in found if each.pid == own], timeout=STOP_SECONDS + ANSWER_SECONDS)
        for number in (signal.SIGTERM, signal.SIGKILL):
            end(self.strays(), number, ANSWER_SECONDS)
        self._forget()
        return bool(found)

    def strays(self) -> list[psutil.Process]:
        """The processes of this shop that run, known by their mark; children and orphans too."""
        return strays(self.state)

    def _socket(self) -> Path | None:
        parser = configparser.RawConfigParser(inline_comment_prefixes=None)
        try:
            parser.read(self.file)
            return Path(parser["unix_http_server"]["file"])
        except (configparser.Error, KeyError):
            return None

    def _ask(self, method: str) -> object:
        """The answer of its XML-RPC interface; None if there is no answer."""
        path = self._socket()
        if path is None or not path.exists():
            return None
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(path)) as server:
                answer: object = getattr(server.supervisor, method)()
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return None
        return answer

    def _forget(self) -> None:
        path = self._socket()
        if path is not None and path.parent.name.startswith(PREFIX):
            shutil.rmtree(path.parent, ignore_errors=True)


def _control() -> Path:
    """
    The path of a new socket, in a folder of its own that only this user may enter.

    A socket's path may be no longer than 107 bytes on Linux and 103 on macOS, and supervisord binds it under a longer
    name first: where the user's folder for temporary files is too deep, the system's own is taken.
    """
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes a folder that is ours alone
        if len(os.fsencode(base)) <= LONGEST_BASE and os.access(base, os.W_OK | os.X_OK):
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=base)) / "control"
    raise ProvisionError(
        f"The path of the folder for temporary files is too long for a socket, and neither /tmp nor /var/tmp can be "
        f"written to: set TMPDIR to a folder of at most {LONGEST_BASE} characters."
    )


class _Transport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket; with a time limit, which supervisor's own transport lacks."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:  # noqa: ANN401 - as in the base class
        connection = _Connection(host, self._path)
        self._connection = host, connection  # which `close` closes
        return connection


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, path: Path) -> None:
        super().__init__(host, timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self._path))


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
