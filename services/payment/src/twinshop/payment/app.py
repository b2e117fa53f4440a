"""How the payment is put together: the one place that names its parts."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI

from twinshop.contracts.payment import Payments
from twinshop.kit import app
from twinshop.kit.clock import Clock
from twinshop.kit.component import Component
from twinshop.kit.database import Database
from twinshop.kit.faults import exposed
from twinshop.kit.migrations import migrated
from twinshop.kit.settings import ServerSettings
from twinshop.kit.store_url import with_password
from twinshop.payment import routes
from twinshop.payment.acquirer import TestAcquirer
from twinshop.payment.books import books
from twinshop.payment.service import PaymentService
from twinshop.payment.settings import PaymentSettings

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def build(settings: PaymentSettings | None = None) -> Component[Payments]:
    """The component, with settings from the environment unless given. Nothing connects yet."""
    settings = settings or PaymentSettings()
    database = _database(settings)
    clock = Clock()
    acquirer = TestAcquirer(database, settings.slow_seconds, clock)
    service = exposed("payment", PaymentService(database, acquirer, settings, clock), clock)
    running = partial(migrated, database, VERSIONS)
    return Component(
        "payment", service, partial(routes.router, service), running, database.ping, partial(books, database)
    )


async def upgrade() -> None:
    """Bring the database of the settings to this version's schema."""
    async with migrated(_database(PaymentSettings()), VERSIONS):
        pass


def _database(settings: PaymentSettings) -> Database:
    return Database("payment", with_password(settings.database_url, settings.database_password))


def create_app() -> FastAPI:
    """The payment alone in a process."""
    return app.create_app([build()], ServerSettings(), title="Twinshop payment")
