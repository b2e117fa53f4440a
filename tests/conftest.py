"""Fixtures for the tests of the whole shop."""

import asyncio
import shutil
from contextlib import AsyncExitStack

import pytest

from twinshop.catalog.app import build as build_catalog
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.components import WITH_DATABASE
from twinshop.lab.environments.local.programs import programs
from twinshop.payment.app import build as build_payment
from twinshop.payment.settings import PaymentSettings


@pytest.fixture(scope="session")
def first_start(tmp_path_factory):
    """The database of a shop after its first start: every table, and the products. Made once; nobody writes to it."""
    file = tmp_path_factory.mktemp("first-start") / "shop.sqlite"
    url = f"sqlite:///{file}"

    async def start():
        async with AsyncExitStack() as running:
            for component in (
                build_catalog(CatalogSettings(database_url=url)),
                build_payment(PaymentSettings(database_url=url)),
            ):
                await running.enter_async_context(component.running())

    asyncio.run(start())
    return file


@pytest.fixture(scope="session")
def started_before(first_start):
    """Gives a shape on the local runtime, in a checkout's folder, the databases of a shop after its first start."""

    def prepare(shape, root):
        folder = root / ".run" / shape.name
        folder.mkdir(parents=True)
        for program in programs(shape, folder, ""):
            for component in WITH_DATABASE:
                if url := program.environment.get(f"{component.upper()}_DATABASE_URL"):
                    shutil.copy(first_start, url.removeprefix("sqlite:///"))

    return prepare


@pytest.fixture
def shop_database(first_start, tmp_path):
    """The URL of a database of the test's own that a shop has been started on before."""
    return f"sqlite:///{shutil.copy(first_start, tmp_path / 'shop.sqlite')}"
