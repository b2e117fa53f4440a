"""SIGTERM under load: what has begun is finished, nothing new is taken on, and the process ends well."""

import re
import secrets
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from twinshop.contracts.components import CALLED
from twinshop.testing import plain_http
from twinshop.testing.waiting import eventually

pytestmark = pytest.mark.integration

SLOW_CARD = {"number": "4000 0000 0000 0341"}
SLOW_ORDERS = 4
STOP_SECONDS = 25
PATHS = ("/", "/search?q=pan", "/api/products", "/cart", "/orders")
NEED = {"catalog": {"/search?q=pan", "/api/products"}, "cart": {"/cart"}, "payment": {"/orders"}, "translate": set()}
"""Those that cannot serve their purpose without a component, and then answer 503."""


def in_flight(process):
    """How many requests a process is serving now, as it says itself."""
    metrics = plain_http.get(f"http://127.0.0.1:{process.port}/metrics").text
    return float(re.search(r"^twinshop_http_in_flight (\S+)$", metrics, re.MULTILINE)[1])


class Stream:
    """Visitors that ask for page after page; notes what came of each request."""

    def __init__(self, shop):
        self._shop = shop
        self._over = threading.Event()
        self.statuses = []
        self.refused = []
        self.cut_off = []

    def _visit(self):
        with self._shop.client() as client:
            while not self._over.is_set():
                for path in PATHS:
                    self._ask(client, path)

    def _ask(self, client, path):
        try:
            self.statuses.append((path, client.get(path).status_code))
        except (httpx.ConnectError, httpx.ReadError, httpx.WriteError) as error:
            self.refused.append(error)
            time.sleep(0.05)
        except httpx.RemoteProtocolError as error:
            # A kept connection may be closed just as the next request leaves; an answer must not be cut in two.
            (self.refused if "without sending a response" in str(error) else self.cut_off).append(error)

    @contextmanager
    def running(self, visitors=4):
        with ThreadPoolExecutor(visitors) as pool:
            visits = [pool.submit(self._visit) for _ in range(visitors)]
            try:
                yield
            finally:
                self._over.set()
        for visit in visits:
            visit.result()


@contextmanager
def paying_slowly(shop, api, watched):
    """Checkouts that wait for their card, all of them begun; the list fills with shopper, key and answer."""
    shoppers = [(shop.client(), secrets.token_urlsafe(18)) for _ in range(SLOW_ORDERS)]
    for client, _ in shoppers:
        api.add(client, shop.plenty()).raise_for_status()
    results = []
    with ThreadPoolExecutor(SLOW_ORDERS) as pool:
        futures = [pool.submit(api.pay, client, key, card=SLOW_CARD) for client, key in shoppers]
        deadline = time.monotonic() + 10
        while in_flight(watched) < SLOW_ORDERS:
            assert time.monotonic() < deadline
        yield results
        for (client, key), future in zip(shoppers, futures, strict=True):
            results.append((client, key, future.result()))


def stopped_well(process):
    process.send(signal.SIGTERM)
    return process.handle.wait(STOP_SECONDS) == 0


@pytest.fixture
def restarted(own_shop):
    """Afterwards everything runs again, and the store front has noticed."""
    yield
    for process in own_shop.processes.values():
        if process.handle.poll() is not None:
            process.start()
    own_shop.wait()
    eventually(lambda: all_well(own_shop.client()))


def all_well(client):
    client.post("/api/translate", json={"texts": ["Cart"], "target": "es"}).raise_for_status()
    for path in ("/api/products", "/api/cart", "/api/orders"):
        client.get(path).raise_for_status()


@pytest.mark.usefixtures("restarted")
@pytest.mark.parametrize("own_shop", ["mono", "micro"], indirect=True)
def test_a_store_front_that_is_stopped_answers_the_checkouts_it_has_begun(own_shop, api):
    front = own_shop.processes["mono" if own_shop.name == "mono" else "storefront"]

    with paying_slowly(own_shop, api, front) as results:
        assert stopped_well(front)

    assert [(answer.status_code, answer.json()["state"]) for _, _, answer in results] == [(201, "paid")] * SLOW_ORDERS


@pytest.mark.usefixtures("restarted")
@pytest.mark.parametrize("own_shop", ["mono", "micro"], indirect=True)
def test_a_store_front_that_is_stopped_under_a_stream_of_pages_cuts_no_answer_off(own_shop):
    front = own_shop.processes["mono" if own_shop.name == "mono" else "storefront"]
    stream = Stream(own_shop)

    with stream.running():
        while len(stream.statuses) < 50:
            time.sleep(0.01)
        before = list(stream.refused)
        well = stopped_well(front)

    assert (well, before, stream.cut_off, {status for _, status in stream.statuses}) == (True, [], [], {200})


@pytest.mark.usefixtures("restarted")
@pytest.mark.parametrize("own_shop", ["micro"], indirect=True)
@pytest.mark.parametrize("component", CALLED)
def test_a_component_that_is_stopped_under_a_stream_of_pages_costs_no_page(own_shop, component):
    process = own_shop.processes[component]
    stream = Stream(own_shop)

    with stream.running():
        while len(stream.statuses) < 50:
            time.sleep(0.01)
        well = stopped_well(process)
        answered = len(stream.statuses)
        while len(stream.statuses) < answered + 20:
            time.sleep(0.01)

    assert (well, stream.refused, stream.cut_off) == (True, [], [])
    assert {path for path, status in stream.statuses if status != 200} <= NEED[component]
    assert {status for _, status in stream.statuses} <= {200, 503}


@pytest.mark.usefixtures("restarted")
@pytest.mark.parametrize("own_shop", ["micro"], indirect=True)
def test_charges_begun_by_a_payment_that_is_stopped_are_not_lost(own_shop, api):
    payment = own_shop.processes["payment"]
    with paying_slowly(own_shop, api, payment) as results:
        well = stopped_well(payment)
    payment.start()

    def decided(client, key):
        answer = api.pay(client, key, card=SLOW_CARD)
        assert answer.status_code == 201 or answer.json()["code"] == "conflict"  # not begun, so cancelled meanwhile
        return "paid" if answer.status_code == 201 else "cancelled"

    assert well
    for client, key, answer in results:
        assert answer.status_code in {201, 503}
        state = eventually(lambda client=client, key=key: decided(client, key))
        assert [order["state"] for order in client.get("/api/orders").json()] == [state]
    ledger = plain_http.get(f"http://127.0.0.1:{payment.port}/payment/audit").json()
    assert (ledger["charged"] - ledger["refunded"], ledger["double_charges"]) == (ledger["paid"], 0)
