"""The shop in one process on real stores, with a clock and a killer in the test's hands."""

import json
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from twinshop.cart.app import build as build_cart
from twinshop.cart.settings import CartSettings
from twinshop.catalog import seed
from twinshop.catalog.app import VERSIONS as CATALOG_VERSIONS
from twinshop.catalog.service import CatalogService
from twinshop.contracts.cart import CartLine
from twinshop.contracts.payment import Card, Delivery
from twinshop.kit.database import Database
from twinshop.payment.acquirer import TestAcquirer
from twinshop.payment.app import VERSIONS as PAYMENT_VERSIONS
from twinshop.payment.service import PaymentService
from twinshop.payment.settings import PaymentSettings
from twinshop.storefront.orders import saga
from twinshop.storefront.orders.resume import resume_unfinished
from twinshop.storefront.orders.submit import CheckoutRequest, submit_order
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Identity
from twinshop.testing.databases import PATIENT, fill_once, migrate_once
from twinshop.testing.products import catalogue_data, product_data
from twinshop.testing.stores import redis_server

PRODUCTS = {"AAA-001": 10**6, "AAA-002": 10**6, "AAA-003": 0, "AAA-004": 5}
"""Stock by product: plenty, plenty, none, few."""
DELIVERY = Delivery(
    name="Ada Byron", email="ada@example.com", street="12 Analytical Row", postcode="W1", city="London", country="GB"
)


class Killed(BaseException):
    """The store front's process dies: no `except` of the shop may see it."""


class Killer:
    """Counts the calls to components and kills the caller before or after a chosen one."""

    def __init__(self):
        self.spare()

    def spare(self):
        self.calls, self.at, self.when = 0, None, "before"

    def aim(self, at, when):
        self.calls, self.at, self.when = 0, at, when

    async def pass_on(self, call, args, kwargs):
        self.calls += 1
        strikes = self.calls == self.at
        if strikes and self.when == "before":
            raise Killed
        answer = await call(*args, **kwargs)
        if strikes:
            raise Killed
        return answer


class Mortal:
    """A port whose caller may die at any call."""

    def __init__(self, port, killer):
        self._port, self._killer = port, killer

    def __getattr__(self, operation):
        call = getattr(self._port, operation)

        async def mortal(*args, **kwargs):
            return await self._killer.pass_on(call, args, kwargs)

        return mortal


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += timedelta(seconds=seconds)


def a_card(number="4242424242424242"):
    return Card.model_validate({"number": number, "expiry_month": 12, "expiry_year": 2090, "code": "123"})


@dataclass
class World:
    """The shop, and what its shoppers were told."""

    shop: Shop
    mortal_shop: Shop
    killer: Killer
    clock: Clock
    pieces_paid: Callable[[], Awaitable[int]]
    killed: type[BaseException] = Killed
    patience: float = 0
    acknowledged: dict = field(default_factory=dict)

    async def shopper(self, **quantities):
        """A new shopper with a cart of these products (`AAA_001=2`)."""
        identity = Identity(shopper=secrets.token_urlsafe(16), cart=secrets.token_urlsafe(16))
        lines = [CartLine(sku=sku.replace("_", "-"), quantity=n) for sku, n in quantities.items()]
        await self.shop.carts.merge(identity.cart, lines, secrets.token_urlsafe(16))
        return identity

    async def pay(self, identity, key, number="4242424242424242", total=None, **seen):
        """One press of the button; what the shopper was told is remembered."""
        request = CheckoutRequest(delivery=DELIVERY, card=a_card(number), expected_total=total, **seen)
        order = await submit_order(self.mortal_shop, identity, key, request, "en", patience_seconds=self.patience)
        self.acknowledged[order.id] = order
        return order

    async def settle(self):
        """Time passes, and whatever store front is left finishes what was begun."""
        self.killer.spare()
        for _ in range(3):
            self.clock.advance(3600)
            await resume_unfinished(self.shop)

    async def check_invariants(self):
        """DESIGN's promises: no acknowledged order lost, one charge per key, stock and money conserved, none stuck."""
        ledger, stock = await self.shop.payments.audit(), await self.shop.catalog.audit()
        assert ledger.unclosed == 0, "an order is stuck"
        assert ledger.double_charges == 0
        assert ledger.charged - ledger.refunded == ledger.paid == ledger.acquired, "money appeared or vanished"
        assert stock.initial == stock.on_hand + stock.sold, "stock appeared or vanished"
        assert (stock.reserved, stock.open_reservations) == (0, 0)
        assert stock.lowest_available >= 0, "more was sold than there was"
        assert stock.sold == await self.pieces_paid(), "what was sold is not what was paid"
        for order in self.acknowledged.values():
            stored = await self.shop.payments.get(order.id)
            assert (stored.state, stored.total, stored.lines) == ("paid", order.total, order.lines), "an order is lost"


@pytest.fixture(scope="session")
def redis_url():
    with redis_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shop.db"
    url = os.environ.get("TWINSHOP_TEST_POSTGRES")
    if url is None:
        pytest.skip("set TWINSHOP_TEST_POSTGRES to the URL of a scratch database; make test-docker does")
    return url


@pytest.fixture
async def world(database_url, redis_url, tmp_path, monkeypatch):
    monkeypatch.setattr(saga, "RENEW_SECONDS", 3600)  # a renewal is a call, too, and the killer counts
    data = tmp_path / "products.json"
    data.write_text(json.dumps(catalogue_data(product_data(sku, stock=stock) for sku, stock in PRODUCTS.items())))
    async with _opened(database_url, redis_url, data) as world:
        yield world


@asynccontextmanager
async def _opened(database_url, redis_url, data):
    clock, killer = Clock(), Killer()
    async with AsyncExitStack() as stack:
        catalog_db, payment_db = Database("catalog", database_url, PATIENT), Database("payment", database_url, PATIENT)
        for database in (catalog_db, payment_db):
            stack.push_async_callback(database.dispose)

        async def fill():
            await migrate_once((catalog_db, CATALOG_VERSIONS), (payment_db, PAYMENT_VERSIONS))
            await seed.seed(catalog_db, data)

        if catalog_db.is_sqlite:
            await fill_once(Path(catalog_db.engine.url.database), "the checkout's products", fill)
        else:
            await fill()
        catalog = CatalogService(catalog_db, reserve_for=timedelta(minutes=15), now=clock)
        payments = PaymentService(payment_db, TestAcquirer(payment_db, 0, clock), PaymentSettings(), clock)
        cart = build_cart(CartSettings(redis_url=redis_url, timeout_seconds=60, operation_seconds=60))
        await stack.enter_async_context(cart.running())
        ports = (catalog, cart.port, payments)
        mortal = [Mortal(port, killer) for port in ports]
        shop = Shop(*ports, None, frozenset())

        async def pieces_paid():
            async with payment_db.engine.connect() as connection:
                rows = await connection.execute(text("SELECT lines FROM payment_order WHERE state = 'paid'"))
                lines = [json.loads(lines) if isinstance(lines, str) else lines for (lines,) in rows]
            return sum(line["quantity"] for order in lines for line in order)

        yield World(shop, Shop(*mortal, None, frozenset()), killer, clock, pieces_paid)
