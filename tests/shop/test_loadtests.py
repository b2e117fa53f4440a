"""
The load generator itself: green on a good shop, red on each of three that lie.

The tampering proxies stand between the shoppers and the real shop and change one thing each.
"""

import json
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from twinshop.testing import plain_http
from twinshop.testing.ports import free_port
from twinshop.testing.tampering import TamperingProxy, serving
from twinshop.testing.waiting import eventually, wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
LOCUST_SECONDS = 60
ENOUGH_LIES = 5
ONLY_MONO = pytest.mark.parametrize("started", ["mono"], indirect=True)


def locust(url, *options, enough=None):
    """
    Run the shoppers as a child, since importing Locust patches sockets; its exit code and what it printed.

    They are stopped before their time when `enough()` is true.
    """
    command = [sys.executable, "-m", "locust", "-f", "loadtests/", "--headless", "--only-summary", "--host", url]
    with subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            if enough is not None:
                wait_until(lambda: enough() or process.poll() is not None, LOCUST_SECONDS)
                process.terminate()
            output, _ = process.communicate(timeout=LOCUST_SECONDS)
        finally:
            process.kill()
    return process.returncode, output


def counts(output):
    """How many orders were accepted, and how many the shop has stored."""
    accepted, stored = re.search(r"orders accepted (\d+), orders stored (\d+)", output).groups()
    return int(accepted), int(stored)


@ONLY_MONO
def test_a_good_shop_passes_and_has_stored_every_order_it_accepted(shop):
    code, output = locust(shop.url, "-u", "6", "-r", "6", "-t", "15s")

    assert code == 0, output
    accepted, stored = counts(output)
    assert accepted == stored > 0
    assert "WRONG" not in output


@ONLY_MONO
def test_the_counts_of_several_processes_add_up(shop):
    master = str(free_port())

    options = ("--processes", "2", "--master-bind-port", master, "--master-port", master, "--think-time", "0.2")
    code, output = locust(shop.url, "Buyer", "-u", "4", "-r", "4", "-t", "6s", *options)

    assert code == 0, output
    accepted, stored = counts(output)
    assert accepted == stored > 0


@ONLY_MONO
def test_a_run_that_buys_nothing_fails(shop):
    # alone there is a browser, but no buyer; Locust counts its own start as running time, which may take seconds
    code, output = locust(shop.url, "-u", "1", "-t", "18s")

    assert code == 1, output
    assert "no buyer came" in output


@ONLY_MONO
def test_the_web_page_starts_and_stops_a_test(shop):
    port = free_port()
    command = [sys.executable, "-m", "locust", "-f", "loadtests/", "--web-host", "127.0.0.1", "--web-port", str(port)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
        plain_http.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as page,
    ):
        try:
            assert "think_time" in eventually(lambda: page.get("/").raise_for_status()).text
            form = {"user_count": 4, "spawn_rate": 4, "host": shop.url, "think_time": 0.2}
            assert page.post("/swarm", data=form).json()["success"]
            eventually(lambda: bought(page))
            assert page.post("/stop").json()["success"]
        finally:
            process.terminate()
            output, _ = process.communicate(timeout=LOCUST_SECONDS)

    assert process.returncode == 0, output
    accepted, stored = counts(output)
    assert accepted == stored > 0


def bought(page):
    """An order has been placed since the test began."""
    names = [entry["name"] for entry in page.get("/stats/requests").json()["stats"]]
    assert "/orders/[id]" in names


def test_a_shop_that_is_not_there_fails():
    code, output = locust(
        f"http://127.0.0.1:{free_port()}", "-u", "3", "-r", "3", "-t", "12s"
    )  # Locust counts its own start as running time

    assert code == 1, output
    assert "ConnectionRefusedError" in output


class LyingProxy(TamperingProxy):
    """Counts the lies that it has told."""

    told = 0


class OtherPrice(LyingProxy):
    """Shows a price on the product's page that is not the one to be paid."""

    async def answer(self, scope, body):
        status, headers, content = await super().answer(scope, body)
        if scope["path"].startswith("/product/"):
            content = re.sub(rb'(class="product-price"><strong>\D*)\d', rb"\g<1>9", content)
            self.told += 1
        return status, headers, content


class LostOrder(LyingProxy):
    """Acknowledges orders of the API that it never places."""

    async def answer(self, scope, body):
        if (scope["method"], scope["path"]) != ("POST", "/api/orders"):
            return await super().answer(scope, body)
        _, _, content = await super().answer({**scope, "method": "GET", "path": "/api/cart"}, b"")
        cart, placed = json.loads(content), json.loads(body)
        lines = [
            {**{name: line["product"][name] for name in ("sku", "name", "price")}, "quantity": line["quantity"]}
            for line in cart["lines"]
        ]
        order = {"id": secrets.token_urlsafe(18), "number": "LOST", "state": "paid", "closed": False, "lines": lines}
        order |= {"total": cart["total"], "delivery": placed["delivery"], "created_at": "2026-01-01T00:00:00Z"}
        self.told += 1
        return 201, [(b"content-type", b"application/json")], json.dumps(order).encode()


class Nothing(LyingProxy):
    """Says 200, and nothing else."""

    async def answer(self, scope, body):
        if scope["path"].startswith("/api/"):
            return await super().answer(scope, body)
        self.told += 1
        return 200, [(b"content-type", b"text/html; charset=utf-8")], b""


@ONLY_MONO
@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        pytest.param(OtherPrice, r"GET /product/\[sku\]: a wrong price \(/product/\S+\)", id="another price"),
        pytest.param(LostOrder, r"WRONG \(\d+ times\): an accepted order is not stored as paid", id="lost order"),
        pytest.param(Nothing, r"GET /: ValueError: the page has no language", id="nothing"),
    ],
)
def test_a_shop_that_lies_fails(shop, proxy, told):
    options = ("-u", "6", "-r", "6", "-t", "40s", "--think-time", "0.2", "--languages", "en,es")
    liar = proxy(shop.url)
    with serving(liar) as (url,):
        code, output = locust(url, *options, enough=lambda: liar.told >= ENOUGH_LIES)

    assert code == 1, output
    assert re.search(told, output), output


@ONLY_MONO
def test_the_proxy_alone_changes_nothing(shop):
    with serving(TamperingProxy(shop.url)) as (url,):
        code, output = locust(url, "-u", "6", "-r", "6", "-t", "5s", "--think-time", "0.2", "--languages", "en,es")

    assert code == 0, output
