"""How the catalogue is put together: the one place that names its parts."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from twinshop.catalog import routes, seed
from twinshop.catalog.books import books
from twinshop.catalog.service import CatalogService
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import Catalog
from twinshop.kit import app
from twinshop.kit.clock import Clock
from twinshop.kit.component import Component
from twinshop.kit.database import Database
from twinshop.kit.faults import exposed
from twinshop.kit.migrations import migrated
from twinshop.kit.settings import ServerSettings
from twinshop.kit.store_url import with_password

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def build(settings: CatalogSettings | None = None) -> Component[Catalog]:
    """The component, with settings from the environment unless given. Nothing connects yet."""
    settings = settings or CatalogSettings()
    database = _database(settings)
    clock = Clock()
    lasting = timedelta(seconds=settings.reservation_seconds)
    service = exposed("catalog", CatalogService(database, reserve_for=lasting, now=clock), clock)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with migrated(database, VERSIONS):
            await seed.seed(database, settings.data)
            yield

    return Component(
        "catalog", service, partial(routes.router, service), running, database.ping, partial(books, database)
    )


async def replace_products(data: seed.CatalogueData, say: Callable[[str], None]) -> None:
    """Make these products the catalogue of the database in the settings, whether or not a shop runs on it."""
    database = _database(CatalogSettings())
    async with migrated(database, VERSIONS):
        await seed.replace(database, data, say)


async def upgrade() -> None:
    """Bring the database of the settings to this version's schema."""
    async with migrated(_database(CatalogSettings()), VERSIONS):
        pass


def _database(settings: CatalogSettings) -> Database:
    return Database("catalog", with_password(settings.database_url, settings.database_password))


def create_app() -> FastAPI:
    """The catalogue alone in a process."""
    return app.create_app([build()], ServerSettings(), title="Twinshop catalogue")
