"""A real server process to plant faults into."""

import os
import secrets
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from twinshop.testing import plain_http
from twinshop.testing.ports import free_port
from twinshop.testing.waiting import wait_until

PROGRAMS = Path(__file__).parent / "programs"
TOKEN = secrets.token_hex(16)
SECONDS = 30


class Server:
    """`programs/probe.py` in a process of its own, and what its fault routes say."""

    def __init__(self, folder, **environment):
        self.port = free_port()
        self.log = folder / "probe.log"
        self._environment = {"TWINSHOP_FAULT_TOKEN": TOKEN, **environment, "TWINSHOP_PORT": str(self.port)}
        self.handle = None
        self.http = self.client(authorization=f"Bearer {TOKEN}")

    def client(self, **headers):
        return plain_http.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=SECONDS, headers=headers)

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TWINSHOP_")}
        with self.log.open("ab") as log:
            self.handle = subprocess.Popen(
                [sys.executable, PROGRAMS / "probe.py"],
                env={**environment, **self._environment},
                stdout=log,
                stderr=log,
            )
        wait_until(self.is_ready)

    def is_ready(self):
        if self.handle.poll() is not None:
            raise RuntimeError(self.log.read_text())
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self):
        self.http.close()
        if self.handle is not None and self.handle.poll() is None:
            self.handle.terminate()
            try:
                self.handle.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self.handle.kill()
                self.handle.wait()

    @property
    def process(self):
        return psutil.Process(self.handle.pid)

    def inject(self, kind, *, seconds=60, component="probe", **members):
        return self.http.post("/faults", json={"kind": kind, "component": component, "seconds": seconds, **members})

    def injections(self):
        return self.http.get("/faults").raise_for_status().json()["faults"]

    def revert(self, component="probe"):
        return self.http.delete(f"/faults/{component}")

    def double(self, number=21):
        return self.http.get("/probe/double", params={"number": number})


@contextmanager
def running(folder, **environment):
    server = Server(folder, **environment)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("probe")) as server:
        yield server


@pytest.fixture
def server(shared_server):
    """One that every test leaves healthy."""
    yield shared_server
    assert shared_server.revert().status_code == 204


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """Starts another server, with more environment."""

    def started(**environment):
        return running(tmp_path_factory.mktemp("probe"), **environment)

    return started


@pytest.fixture
def unaccepting():
    """The URL of a server that accepts no connection: its queue is full."""
    with socket.socket() as listener, socket.socket() as queued:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        queued.connect(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
