"""
The shop as a shopper meets it: real processes in several shapes, and a browser without JavaScript.

The processes are started with the commands of `lab up`, on free ports, but without a process manager: the tests stop,
hang and restart them by their handles, and look at how they exit.
"""

import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx
import pytest

from twinshop.lab.deployment.programs import DECIDED_HERE, programs
from twinshop.lab.deployment.shape import group

GROUPINGS = {
    "mono": [("storefront", "catalog", "cart", "payment", "translate")],
    "micro": [("storefront",), ("catalog",), ("cart",), ("payment",), ("translate",)],
    "mixed": [("storefront", "cart"), ("catalog", "payment"), ("translate",)],
}
START_SECONDS = 60
STOP_SECONDS = 30
SECRET = secrets.token_hex(16)
FAULT_TOKEN = secrets.token_hex(16)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Shared: a client makes one of its own otherwise, which takes longer than most of these tests."""
SETTINGS = {"PAYMENT_SLOW_SECONDS": "0.5", "TWINSHOP_LOG_REQUESTS": "false"}
IMPATIENT = {
    "TWINSHOP_CALL_TIMEOUT_SECONDS": "1",
    "CART_TIMEOUT_SECONDS": "0.5",
    "PAYMENT_SLOW_SECONDS": "2",
    "PAYMENT_ACQUIRER_SECONDS": "4",
    "PAYMENT_LEASE_SECONDS": "5",
    "TWINSHOP_FAULT_TOKEN": FAULT_TOKEN,
}
"""For tests that hang a process, and wait for each of these, or plant faults into it."""

DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1G 9PF",
    "city": "London",
    "country": "GB",
}
CARD = {"number": "4242 4242 4242 4242", "expiry_month": 12, "expiry_year": datetime.now(UTC).year + 2, "code": "123"}


def free_ports(count):
    """Different ones, all free a moment ago."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@pytest.fixture(scope="session")
def eventually():
    """Does something again until it no longer fails; the last failure is the test's."""

    def again(attempt, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while True:
            try:
                return attempt()
            except (AssertionError, httpx.HTTPError):
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    return again


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
        given = {**self._program.environment, **SETTINGS, **self._settings}
        inside = {name: value.replace("%(ENV_STOREFRONT_SECRET)s", SECRET) for name, value in given.items()}
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
        return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200

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
        client = httpx.Client(base_url=self.url, timeout=30, verify=NO_TLS, **settings)
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
def running(name, folder, **settings):
    """A shop in this shape with data of its own; all of it is stopped at the end."""
    shape = group(name, GROUPINGS[name], 0)
    ports = free_ports(len(shape.processes) + 1)
    hosts = tuple(replace(process, port=port) for process, port in zip(shape.processes, ports, strict=False))
    shape = replace(shape, processes=hosts, redis_port=ports[-1])
    (folder / "redis").mkdir()
    listening = {"redis": shape.redis_port, **{process.name: process.port for process in shape.processes}}
    processes = {
        program.name: Process(program, listening[program.name], folder, settings) for program in programs(shape, folder)
    }
    shop = Shop(name, f"http://127.0.0.1:{shape.port}", processes)
    try:
        for process in processes.values():
            process.start()
        shop.wait()
        yield shop
    finally:
        for process in reversed(processes.values()):
            process.stop()


@pytest.fixture(scope="session", params=GROUPINGS)
def started(request, tmp_path_factory):
    """One shape after the other: pytest runs all tests of one before those of the next."""
    with running(request.param, tmp_path_factory.mktemp(request.param)) as shop:
        yield shop


@pytest.fixture(scope="session")
def own_shop(request, tmp_path_factory):
    """One that tests may break as long as they mend it; parametrised with its shape."""
    with running(request.param, tmp_path_factory.mktemp(f"own-{request.param}"), **IMPATIENT) as shop:
        yield shop
        shop.close()


@pytest.fixture
def shop(started):
    """Shared by many tests: nobody may break it."""
    yield started
    started.close()


class _Reader(HTMLParser):
    """Collects the forms with their fields, and pieces of text by tag and class."""

    def __init__(self, html):
        super().__init__()
        self.language, self.forms, self.texts, self.links = None, [], [], []
        self._open = []
        self._form = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = attributes.get("lang")
        elif tag == "a":
            self.links.append(attributes.get("href", ""))
        elif tag == "form":
            self._form = {"action": attributes["action"], "method": attributes.get("method", "get"), "fields": {}}
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None and "name" in attributes:
            self._form["fields"][attributes["name"]] = attributes.get("value", "")
        elif tag == "select" and self._form is not None:
            self._form["fields"].setdefault(attributes["name"], "")
        if tag not in {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"}:
            self._open.append([tag, attributes, ""])

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        while self._open:
            name, attributes, text = self._open.pop()
            self.texts.append((name, attributes, " ".join(text.split())))
            if name == tag:
                break


class Page:
    """An answer in HTML."""

    def __init__(self, browser, response):
        self.browser = browser
        self.status = response.status_code
        self.path = urlsplit(str(response.url)).path
        self.headers = response.headers
        self.html = response.text
        self._reader = _Reader(response.text)

    @property
    def language(self):
        return self._reader.language

    @property
    def links(self):
        return self._reader.links

    def texts(self, tag, class_=""):
        """What elements of this tag and class say."""
        found = self._reader.texts
        return [text for name, attributes, text in found if name == tag and class_ in attributes.get("class", "")]

    @property
    def heading(self):
        return self.texts("h1")[0]

    @property
    def text(self):
        return self.texts("body")[0]

    @property
    def notices(self):
        return self.texts("p", "notice")

    def form(self, action, **having):
        """The first form that posts there and has these values."""
        for form in self._reader.forms:
            if form["action"] == action and all(form["fields"].get(name) == value for name, value in having.items()):
                return form
        raise AssertionError(f"no form for {action} {having} on {self.path}")

    def submit(self, action, *, having=None, **values):
        """Fill in a form and send it, as a browser without JavaScript does."""
        form = self.form(action, **(having or {}))
        return self.browser.send(form["method"], action, {**form["fields"], **values})


class Browser:
    """Cookies, forms, redirects; nothing else."""

    def __init__(self, client):
        self.client = client

    def open(self, path):
        return Page(self, self.client.get(path))

    def send(self, method, path, fields):
        if method == "get":
            return Page(self, self.client.get(path, params=fields))
        return Page(self, self.client.post(path, data=fields, headers={"sec-fetch-site": "same-origin"}))

    def put_into_cart(self, sku, quantity=1):
        return self.open(f"/product/{sku}").submit("/cart/add", having={"sku": sku}, quantity=str(quantity))

    def pay(self, page=None, **values):
        card = {"card_number": CARD["number"], "expiry": f"12/{CARD['expiry_year'] % 100}", "code": CARD["code"]}
        return (page or self.open("/checkout")).submit("/checkout", **{**DELIVERY, **card, **values})


@pytest.fixture
def browser(shop):
    return shop.browser()


@pytest.fixture
def client(shop):
    return shop.client()


class Api:
    """The steps of a purchase through the API."""

    delivery = DELIVERY
    card = CARD

    def add(self, client, sku, quantity=1, **headers):
        return client.post("/api/cart/lines", json={"sku": sku, "quantity": quantity}, headers=headers)

    def pay(self, client, key=None, **changes):
        """Place the order; `card=` and `delivery=` replace some of their members."""
        body = {
            "delivery": {**DELIVERY, **changes.get("delivery", {})},
            "card": {**CARD, **changes.get("card", {})},
            **{name: value for name, value in changes.items() if name.startswith("expected_")},
        }
        return client.post("/api/orders", json=body, headers={"idempotency-key": key or secrets.token_urlsafe(18)})

    def buy(self, client, sku):
        self.add(client, sku).raise_for_status()
        return self.pay(client)

    def problem(self, response, status, code):
        """The answer is this problem, as RFC 9457 wants it; its members."""
        assert response.headers["content-type"] == "application/problem+json", response.text[:500]
        members = response.json()
        assert {"type", "title", "status", "detail"} <= members.keys()
        assert (response.status_code, members["status"], members["code"]) == (status, status, code), members
        assert members["type"] == f"urn:twinshop:problem:{code}"
        assert members["title"]
        assert members["detail"]
        return members


@pytest.fixture(scope="session")
def api():
    return Api()


def _amount(text):
    return int(re.sub(r"[^0-9]", "", text))


@pytest.fixture(scope="session")
def cents():
    """An amount as a page writes it, in minor units."""
    return _amount


@pytest.fixture
def sku(shop):
    return shop.plenty()
