"""The open load against a real shop: good where the shop is good, and not where it lies in any one thing."""

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

import pytest

from twinshop.lab.load.api import JOURNEYS, LoadPlan, Phase, read_load, start_load
from twinshop.lab.load.needs import NEEDS
from twinshop.testing import plain_http
from twinshop.testing.tampering import TamperingProxy, serving
from twinshop.testing.waiting import wait_until

from .shops import FAULT_TOKEN, running

pytestmark = pytest.mark.integration

PROGRAM = Path(__file__).parent / "programs" / "many_loads.py"
LOADS_SECONDS = 60
ONE_EACH = dict.fromkeys(JOURNEYS, 1)
only = pytest.mark.parametrize


@only("started", ["micro"], indirect=True)
def test_a_good_shop_is_good_and_its_ledger_has_what_was_acknowledged(shop, tmp_path):
    ledger = f"http://127.0.0.1:{shop.processes['payment'].port}/payment"
    before = plain_http.get(f"{ledger}/audit").json()

    result = start_load(
        LoadPlan(shop.url, (Phase(5, 10, 10),), mix=ONE_EACH, seed=3, timeout_seconds=30), tmp_path / "load"
    ).wait()

    after = plain_http.get(f"{ledger}/audit").json()
    assert result.good_ratio() == 1, result.errors()
    assert {journey for journey in JOURNEYS if result.sessions(journey=journey)} == set(JOURNEYS)
    acknowledged = result.acknowledged()
    assert result.orders() == (len(acknowledged), 0) == (result.sessions(journey="checkout"), 0)
    assert after["orders"]["paid"] - before["orders"]["paid"] == len(acknowledged) > 0
    assert after["paid"] - before["paid"] == sum(acknowledged.values())
    stored = [plain_http.get(f"{ledger}/orders/{order}").json() for order in acknowledged]
    assert {order["id"]: order["total"]["amount"] for order in stored} == acknowledged


def test_a_journey_is_good_if_and_only_if_what_it_needs_is_there(tmp_path, first_start):
    """One load for each component, which fails from early on until the last session has ended."""
    with running("mono", tmp_path, first_start, TWINSHOP_FAULT_TOKEN=FAULT_TOKEN) as shop:
        plan = LoadPlan(shop.url, (Phase(4, 10, 10),), mix=ONE_EACH, seed=3, timeout_seconds=30)
        for component in ("translate", "catalog", "cart", "payment"):
            load = start_load(plan, tmp_path / component)
            wait_until(lambda load=load: load.seconds() > 0)  # before that it learns what the shop sells
            with shop.with_fault(component, "errors"):
                start = math.ceil(load.seconds())
                result = load.wait()
            came = [journey for journey in JOURNEYS if result.sessions(start=start, journey=journey)]
            good = {journey: result.good_ratio(start=start, journey=journey) for journey in came}
            expected = {journey: component not in NEEDS[journey] for journey in came}
            assert set(expected.values()) == {True, False}
            assert good == expected, (component, result.errors())
            assert (result.degraded > 0) == (component == "catalog")  # carts without prices


@dataclass(frozen=True)
class Lie:
    """What is told instead, on paths that match; and what a session of the journey must say of it."""

    journey: str
    path: str
    pattern: str
    instead: str | Callable[[re.Match[str]], str]
    told: str
    status: int | None = None
    location: bytes | None = None


CARD = r'<a href="/product/([A-Z]{3})-\d{3}">[^<]*</a>(</h[23]>\s*<p class="card-price"><strong>)[^<]*'


def of_another_category(card):
    """The card of a real product that belongs elsewhere."""
    catalogue = json.loads((files("twinshop.catalog") / "data" / "catalogue.json").read_text(encoding="utf-8"))
    other = next(product for product in catalogue["products"] if not product["sku"].startswith(card[1]))
    price = f"€{other['price'] / 100:.2f}"
    return f'<a href="/product/{other["sku"]}">{escape(other["name"])}</a>{card[2]}{price}'


LIES = [
    Lie("browse", "/", 'lang="en"', 'lang="de"', "a page not in en"),
    Lie("browse", "/", 'href="/product/', 'href="/produce/', "a home page without products"),
    Lie("browse", "/", "€", "€9", "a wrong price"),
    Lie("browse", "/category/", "<h1>", "<h1>Not ", "the page of another category"),
    Lie("browse", "/category/", 'href="/product/', 'href="/produce/', "a category without products"),
    Lie("browse", "/category/", CARD, of_another_category, "a product of another category"),
    Lie(
        "browse", "/category/", 'href="/product/[A-Z]{3}', 'href="/product/ZZZ', "a product that the shop does not sell"
    ),
    Lie("browse", "/product/", r'(class="product-price"><strong>\D*)', r"\g<1>9", "a wrong price"),
    Lie("browse", "/product/", "<h1>", "<h1>Not ", "a name not in en"),
    Lie("search", "/search", 'href="/product/', 'href="/produce/', "a search that does not find the product"),
    Lie("search", "/product/", "Add to cart", "Añadir a la cesta", "buttons not in en"),
    Lie("translate", "/product/", 'lang="es"', 'lang="en"', "a page not in es"),
    Lie("translate", "/product/", "<h1>", "<h1>Not ", "a name not in es"),
    Lie("translate", "/product/", 'class="lead">', 'class="lead">The ', "a description not in es"),
    Lie("translate", "/product/", "Añadir a la cesta", "Add to cart", "buttons not in es"),
    Lie("cart", "/cart/add", "", "", "status 200", status=200),
    Lie("cart", "/cart/add", "", "", "adding leads elsewhere", location=b"/"),
    Lie("cart", "/cart", r'(name="quantity" value=")\d', r"\g<1>7", "the cart is not what was put into it"),
    Lie("cart", "/cart", r'(class="line-total">\D*)\d', r"\g<1>9\g<0>", "a wrong price in the cart"),
    Lie("cart", "/cart", r'(class="grand"><dt>[^<]*</dt><dd>\D*)', r"\g<1>9", "a wrong total of the cart"),
    Lie("checkout", "/api/cart/lines", r'"quantity":\d', '"quantity":7', "the cart is not what was put into it"),
    Lie("checkout", "/api/cart/lines", r'("total":\{"amount":)', r"\g<1>9", "a wrong total of the cart"),
    Lie("checkout", "/api/orders", r'("total":\{"amount":)', r"\g<1>9", "a wrong total of the order"),
    Lie("checkout", "/api/orders", '"paid"', '"open"', "an acknowledged order that is not paid"),
    Lie("checkout", "/api/orders", r'"quantity":\d', '"quantity":7', "an order that is not what was in the cart"),
    Lie("checkout", "/api/orders", "", "", "status 503 (payment-down)", status=503),
    Lie("checkout", "/api/orders/", '"number":"', '"number":"X', "an order that is not what was acknowledged"),
]


class Liars(TamperingProxy):
    """Tells the lie of the port that was asked; `ports` in the order of `LIES`."""

    ports: tuple[int, ...] = ()

    async def answer(self, scope, body):
        status, headers, content = await super().answer(scope, body)
        lie = LIES[self.ports.index(scope["server"][1])]
        path = scope["path"]
        if path == lie.path or (lie.path not in {"/", "/cart", "/api/orders"} and path.startswith(lie.path)):
            content = re.sub(lie.pattern, lie.instead, content.decode()).encode() if lie.pattern else content
            if lie.status == 503:
                content = b'{"code": "payment-down"}'
            status = lie.status or status
            if lie.location:
                headers = [(name, lie.location if name == b"location" else value) for name, value in headers]
        return status, headers, content


@pytest.fixture(scope="module")
def results(started, tmp_path_factory):
    """A short load of one journey for each lie, all at once."""
    app = Liars(started.url)
    with serving(app, ports=len(LIES)) as urls:
        app.ports = tuple(int(url.rpartition(":")[2]) for url in urls)
        folders = []
        for lie, url in zip(LIES, urls, strict=True):
            folders.append(tmp_path_factory.mktemp("lie"))
            plan = LoadPlan(url, (Phase(1, 3, 3),), mix={lie.journey: 1}, seed=2, timeout_seconds=30)
            folders[-1].joinpath("plan.json").write_text(plan.as_json())
        command = [sys.executable, str(PROGRAM), *map(str, folders)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=LOADS_SECONDS, check=False)
    assert run.returncode == 0, run.stderr
    return [read_load(folder) for folder in folders]


@only("started", ["mono"], indirect=True)
@only("number", range(len(LIES)), ids=[f"{lie.journey}: {lie.told}" for lie in LIES])
def test_a_wrong_answer_is_never_a_good_one(results, number):
    result, lie = results[number], LIES[number]

    assert result.sessions() > 0
    assert result.errors() == {lie.told: result.sessions()}
    assert result.goodput() == 0
    if lie.told.startswith("status 503"):
        assert result.orders() == (0, result.sessions())
