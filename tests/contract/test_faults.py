"""A fault injected into a component does the same to its caller, whichever way the call comes."""

import time
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest

from twinshop.cart.app import build as build_cart
from twinshop.cart.settings import CartSettings
from twinshop.catalog.app import build as build_catalog
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.components import CALLED
from twinshop.contracts.errors import Unavailable
from twinshop.kit.faults.active import InjectedBugError
from twinshop.payment.app import build as build_payment
from twinshop.payment.settings import PaymentSettings
from twinshop.storefront.clients import HttpCarts, HttpCatalog, HttpPayments, HttpTranslator
from twinshop.translate.app import build as build_translate

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TOKEN = "correct-horse-battery-staple"
CART_ID = "0123456789abcdef"


@pytest.fixture(params=CALLED)
def component(request):
    return request.param


@pytest.fixture
def on(monkeypatch):
    monkeypatch.setenv("TWINSHOP_FAULT_TOKEN", TOKEN)


@pytest.fixture
async def call(on, reach, component, shop_database, redis_url):
    """One call that changes nothing, to the component that runs."""
    built, client_class, ask = {
        "catalog": lambda: (
            build_catalog(CatalogSettings(database_url=shop_database)),
            HttpCatalog,
            lambda catalog: catalog.get_many(["KIT-001"]),
        ),
        "cart": lambda: (
            build_cart(CartSettings(redis_url=redis_url)),
            HttpCarts,
            lambda carts: carts.get(CART_ID),
        ),
        "payment": lambda: (
            build_payment(PaymentSettings(database_url=shop_database)),
            partial(HttpPayments, charge_seconds=5),
            lambda payments: payments.audit(),
        ),
        "translate": lambda: (build_translate(), HttpTranslator, lambda translator: translator.pairs()),
    }[component]()
    async with reach(built, client_class) as port:
        yield partial(ask, port)


@pytest.fixture
def injected(reach, component):
    """A fault for a while: injected through the routes of the process that hosts the component."""

    @asynccontextmanager
    async def for_a_while(kind, **members):
        transport = httpx.ASGITransport(reach.app)
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://process", headers=headers) as http:
            body = {"component": component, "kind": kind, "seconds": 60, **members}
            (await http.post("/faults", json=body)).raise_for_status()
            yield
            (await http.delete(f"/faults/{component}")).raise_for_status()

    return for_a_while


async def test_the_caller_gets_the_same_error_and_then_the_same_answer(call, injected, component, refuses):
    before = await call()
    async with injected("errors"):
        with refuses(Unavailable, component=component):
            await call()

    assert await call() == before


async def test_the_caller_waits_for_a_slow_component(call, injected):
    async with injected("latency", milliseconds=200):
        begin = time.perf_counter()
        await call()

        assert time.perf_counter() - begin >= 0.2


async def test_the_same_calls_are_affected(call, injected):
    async def outcomes():
        for _ in range(6):  # no breaker opens: it takes five failures in a row
            try:
                await call()
            except Unavailable:
                yield "failed"
            else:
                yield "answered"

    async with injected("errors", ratio=0.5, seed=3):
        assert [each async for each in outcomes()] == [
            "failed", "answered", "failed", "answered", "answered", "failed"
        ]  # fmt: skip


async def test_what_nobody_foresaw_stops_at_the_border_of_a_process_and_nowhere_else(
    call, injected, transport, component
):
    """The one difference, and one of those that Twinshop is there to show: a process is a bulkhead."""
    async with injected("errors", raises="bug"):
        with pytest.raises(InjectedBugError if transport == "in process" else Unavailable):
            await call()
