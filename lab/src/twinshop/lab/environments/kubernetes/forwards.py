"""Ports of this machine that `kubectl port-forward` carries to pods, past all network policies."""

import os
import re
import tempfile
import threading
import time

from twinshop.lab.environments import external
from twinshop.lab.environments.kubernetes.kubectl import Kubectl, explained
from twinshop.lab.errors import LabError, ProvisionError

PORT = 8000
OPEN_SECONDS = 30.0
LOOK_SECONDS = 0.05
AGAIN_SECONDS = 0.2
HERE = "127.0.0.1"


class Forward:
    """
    A port that leads to one pod for as long as both are there; a Service's leads to one of its pods as well.

    `port` is one of this machine, by default any that is free; `to` is the pod's.

    Raises:
        LabError: the port could not be opened.
    """

    def __init__(self, kubectl: Kubectl, target: str, port: int | None = None, *, to: int = PORT) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - a line for each connection: a pipe would fill up
        self._process = kubectl.popen(
            "port-forward", "--address", HERE, target, f"{port or ''}:{to}", output=self._said
        )
        try:
            self.port = self._opened()
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> None:
        """Wait until it ends, which it does when its pod has gone and is called."""
        self._process.wait()

    def close(self) -> None:
        self.kill()
        self.wait()
        self._said.close()

    def _opened(self) -> int:
        """The port, which it tells."""
        end = time.monotonic() + OPEN_SECONDS
        while True:
            ended = not self.alive
            said = os.pread(self._said.fileno(), 65536, 0).decode(errors="replace")
            if found := re.search(r"Forwarding from [\d.]+:(\d+)", said):
                return int(found[1])
            if ended:
                raise ProvisionError(explained("port-forward", said))
            if time.monotonic() > end:
                raise ProvisionError(f"`kubectl port-forward` did not open a port:\n{external.tail(said)}")
            time.sleep(LOOK_SECONDS)


class Door:
    """A port that leads to some pod behind a Service, opened again whenever that pod has gone."""

    def __init__(self, kubectl: Kubectl, service: str, port: int) -> None:
        self._kubectl, self._service, self._port = kubectl, service, port
        self._closed = threading.Event()
        self._forward: Forward | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self._port}"

    def open(self) -> None:
        """Keep it open from now on. Raises LabError if it cannot be opened at first."""
        if self._thread is None:
            self._forward = self._opened()
            self._thread = threading.Thread(target=self._keep, daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._closed.set()
        while self._thread is not None and self._thread.is_alive():
            if (forward := self._forward) is not None:
                forward.kill()
            self._thread.join(AGAIN_SECONDS)

    def _opened(self) -> Forward:
        return Forward(self._kubectl, f"service/{self._service}", self._port)

    def _keep(self) -> None:
        while not self._closed.is_set():
            if self._forward is not None:
                self._forward.wait()
                self._forward.close()
                self._forward = None
            if self._closed.wait(AGAIN_SECONDS):
                break
            try:
                self._forward = self._opened()
            except LabError:  # nothing runs behind it yet
                continue
        if self._forward is not None:
            self._forward.close()
