"""A ledger on SQLite, and on PostgreSQL where TWINSHOP_TEST_POSTGRES names an empty scratch database."""

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from twinshop.contracts.payment import Card, Delivery, Failure, OrderDraft, OrderLine
from twinshop.contracts.values import Money
from twinshop.kit.database import Database
from twinshop.payment.acquirer import TestAcquirer
from twinshop.payment.app import VERSIONS
from twinshop.payment.service import PaymentService
from twinshop.payment.settings import PaymentSettings
from twinshop.payment.tables import Table
from twinshop.testing.databases import PATIENT, migrate_once

SHOPPER = "shopper-0123456789"


class Clock:
    """Stands still until it is told to move."""

    def __init__(self):
        self.now = datetime(2030, 6, 15, 12, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, seconds):
        self.now += timedelta(seconds=seconds)


class HookedAcquirer(TestAcquirer):
    """The real test acquirer; a test may put something before its commit or after it, such as a failure."""

    def __init__(self, *args):
        super().__init__(*args)
        self.before, self.after, self.calls = {}, {}, []

    async def _hooked(self, name, call):
        self.calls.append(name)
        if name in self.before:
            await self.before[name]()
        answer = await call()
        if name in self.after:
            await self.after[name]()
        return answer

    async def authorise(self, reference, amount, card):
        call = super().authorise
        return await self._hooked("authorise", lambda: call(reference, amount, card))

    async def void(self, reference):
        call = super().void
        return await self._hooked("void", lambda: call(reference))

    async def refund(self, reference):
        call = super().refund
        return await self._hooked("refund", lambda: call(reference))


def make_draft(number=1, *, amount=1250, **changes):
    fields = {
        "idempotency_key": f"key-number-{number}",
        "fingerprint": f"{number:064x}",
        "shopper_id": SHOPPER,
        "cart_id": f"cart-0123456789-{number}",
        "lines": (
            OrderLine(sku="KIT-001", name="Teapot", quantity=2, price=Money(amount=amount)),
            OrderLine(sku="TEA-004", name="Sencha", quantity=1, price=Money(amount=499)),
        ),
        "delivery": Delivery(
            name="Ada Lovelace", email="ada@example.org", street="1 Loop", postcode="08001", city="Reus", country="ES"
        ),
        "language": "ca",
    }
    if "total" not in changes:
        fields["total"] = Money(amount=2 * amount + 499)
    return OrderDraft(**(fields | changes))


def make_card(number="4242424242424242", month=12, year=2031, code=None):
    code = code or ("1234" if number.startswith("37") else "917")
    return Card(number=SecretStr(number), expiry_month=month, expiry_year=year, code=SecretStr(code))


@pytest.fixture
def draft():
    return make_draft


@pytest.fixture
def card():
    return make_card


@pytest.fixture
def failure():
    return Failure(code="out-of-stock", detail="Sold out.", facts={"shortages": [{"sku": "KIT-001"}]})


@pytest.fixture
def settings():
    return PaymentSettings(slow_seconds=0, acquirer_seconds=5)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/payment.db"
    if (url := os.environ.get("TWINSHOP_TEST_POSTGRES")) is None:
        pytest.skip("TWINSHOP_TEST_POSTGRES names no PostgreSQL to test with")
    return url


@pytest.fixture
async def bench(url, settings):
    """The service and its parts; `other` is a second one, as another process would have it."""
    clock, databases = Clock(), [Database("payment", url, PATIENT), Database("payment", url, PATIENT)]
    await migrate_once((databases[0], VERSIONS))
    acquirers = [HookedAcquirer(database, settings.slow_seconds, clock) for database in databases]
    services = [
        PaymentService(database, acquirer, settings, clock)
        for database, acquirer in zip(databases, acquirers, strict=True)
    ]

    async def clear():
        async with databases[0].connection() as connection:
            for table in reversed(Table.metadata.sorted_tables):
                await connection.execute(table.delete())

    yield SimpleNamespace(
        clock=clock,
        database=databases[0],
        acquirer=acquirers[0],
        other_acquirer=acquirers[1],
        payments=services[0],
        other=services[1],
        settings=settings,
        clear=clear,
    )
    for database in databases:
        await database.dispose()


@pytest.fixture
def payments(bench):
    return bench.payments


@pytest.fixture
async def order(payments):
    """An open order."""
    return await payments.open(make_draft())


@pytest.fixture
async def charged(payments, order):
    return await payments.charge(order.id, make_card())


@pytest.fixture
async def paid(payments, charged):
    return await payments.confirm(charged.id)
