"""Shops as real processes, in several shapes, that tests stop, hang and restart by their handles."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import httpx
import pytest

from twinshop.lab.environments.local.programs import programs
from twinshop.lab.environments.variables import DECIDED_HERE
from twinshop.lab.shapes import group
from twinshop.testing import plain_http
from twinshop.testing.groupings import groups, others
from twinshop.testing.ports import free_ports

from .plain_browser import Browser

GROUPINGS = {
    "mono": groups(others()),
    "micro": groups(),
    "mixed": groups("storefront+cart", "catalog+payment"),
}
EXTREMES = pytest.mark.parametrize("started", ["mono", "micro"], indirect=True, scope="session")
"""For what passes each component's port in the process or over the wire: a mixed shape has no third way."""
START_SECONDS = 60
STOP_SECONDS = 30
SECRET = secrets.token_hex(16)
FAULT_TOKEN = secrets.token_hex(16)
SETTINGS = {
    "PAYMENT_SLOW_SECONDS": "0.5",
    "TWINSHOP_LOG_REQUESTS": "false",
    "TWINSHOP_CALL_TIMEOUT_SECONDS": "30",
    "CART_TIMEOUT_SECONDS": "30",
    "CART_OPERATION_SECONDS": "60",
    "TWINSHOP_DATABASE_STATEMENT_SECONDS": "60",
    "TWINSHOP_DATABASE_UNIT_SECONDS": "60",
}
"""No test of these shops waits for a timeout, and a busy machine must not make them fail."""
IMPATIENT = {
    "TWINSHOP_CALL_TIMEOUT_SECONDS": "2",
    "CART_TIMEOUT_SECONDS": "0.5",
    "CART_OPERATION_SECONDS": "1",
    "TWINSHOP_DATABASE_STATEMENT_SECONDS": "4",
    "TWINSHOP_DATABASE_UNIT_SECONDS": "5",
    "PAYMENT_SLOW_SECONDS": "2",
    "PAYMENT_ACQUIRER_SECONDS": "4",
    "PAYMENT_LEASE_SECONDS": "5",
    "TWINSHOP_FAULT_TOKEN": FAULT_TOKEN,
}
"""For tests that hang a process, and wait for each of these, or plant faults into it."""


class Process:
    """One program of a shop, known by its handle."""

    def __init__(self, program, port, folder, settings):
        self.name = program.name
        self.port = port
        self.components = program.environment.get("TWINSHOP_COMPONENTS", "").split(",")
        self._program = program
        self._settings = settings
        self._log = folder / f"{program.name}.log"
        self.handle = None

    def start(self):
        outside = {name: value for name, value in os.environ.items() if name not in DECIDED_HERE}
        inside = {**self._program.environment, **SETTINGS, **self._settings}
        with self._log.open("ab") as log:
            self.handle = subprocess.Popen(
                self._program.command, env={**outside, **inside}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def ready(self):
        if self.handle.poll() is not None:
            pytest.fail(f"{self.name} ended with {self.handle.returncode}:\n{self.log()[-3000:]}")
        if self.name == "redis":
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"+PONG")
        return plain_http.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200

    def database(self, component):
        """The SQLite file of a component that it hosts."""
        return self._program.environment[f"{component.upper()}_DATABASE_URL"].removeprefix("sqlite:///")

    def log(self):
        return self._log.read_text(errors="replace")

    def send(self, number):
        self.handle.send_signal(number)

    def kill(self):
        self.send(signal.SIGKILL)
        self.handle.wait(STOP_SECONDS)

    def stop(self):
        """Ask it to stop; its exit code."""
        if self.handle is None or self.handle.poll() is not None:
            return None
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            return self.handle.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


@dataclass
class Shop:
    """A shape that runs; `processes` by name, the components' and `redis`."""

    name: str
    url: str
    processes: dict
    opened: list = field(default_factory=list)
    _plenty: str | None = None

    def wait(self):
        for process in self.processes.values():
            eventually_ready(process)

    def client(self, **settings):
        """A shopper of its own, speaking to the API."""
        client = plain_http.Client(base_url=self.url, timeout=30, **settings)
        self.opened.append(client)
        return client

    def browser(self, language="en"):
        headers = {"accept": "text/html", "accept-language": language}
        return Browser(self.client(headers=headers, follow_redirects=True))

    def plenty(self):
        """A product with so much stock that no test runs out of it."""
        if self._plenty is None:
            with self.client() as client:
                items = client.get("/api/products", params={"size": 100}).json()["items"]
            self._plenty = max(items, key=lambda item: item["available"])["sku"]
        return self._plenty

    @contextmanager
    def without(self, name, how):
        """One process killed or hung for a while, then back and ready again."""
        process = self.processes[name]
        if how == "killed":
            process.kill()
        else:
            process.send(signal.SIGSTOP)
        try:
            yield
        finally:
            if how == "killed":
                process.start()
            else:
                process.send(signal.SIGCONT)
            eventually_ready(process)

    @contextmanager
    def with_fault(self, component, kind, **members):
        """A fault planted into a component for a while, wherever it is."""
        host = next(process for process in self.processes.values() if component in process.components)
        with self.client(headers={"authorization": f"Bearer {FAULT_TOKEN}"}) as client:
            routes = f"http://127.0.0.1:{host.port}/faults"
            body = {"component": component, "kind": kind, "seconds": 60, **members}
            client.post(routes, json=body).raise_for_status()
            try:
                yield
            finally:
                client.delete(f"{routes}/{component}").raise_for_status()

    def close(self):
        while self.opened:
            self.opened.pop().close()


def eventually_ready(process):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if process.ready():
                return
        except (OSError, httpx.HTTPError):
            pass
        time.sleep(0.1)
    pytest.fail(f"{process.name} is not ready:\n{process.log()[-3000:]}")


@contextmanager
def running(name, folder, first_start, **settings):
    """A shop in this shape with a copy of the database `first_start`; all of it is stopped at the end."""
    shape = group(name, GROUPINGS[name], 0)
    ports = free_ports(len(shape.processes) + 1)
    hosts = tuple(replace(process, port=port) for process, port in zip(shape.processes, ports, strict=False))
    shape = replace(shape, processes=hosts, redis_port=ports[-1])
    (folder / "redis").mkdir()
    listening = {"redis": shape.redis_port, **{process.name: process.port for process in shape.processes}}
    processes = {
        program.name: Process(program, listening[program.name], folder, settings)
        for program in programs(shape, folder, SECRET)
    }
    for process in shape.processes:
        for component in {"catalog", "payment"} & set(process.components):
            shutil.copy(first_start, processes[process.name].database(component))
    shop = Shop(name, f"http://127.0.0.1:{shape.port}", processes)
    try:
        for process in processes.values():
            process.start()
        shop.wait()
        yield shop
    finally:
        for process in reversed(processes.values()):
            process.stop()
