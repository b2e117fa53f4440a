"""A small catalogue on a fresh database: SQLite always, PostgreSQL too where `TWINSHOP_TEST_POSTGRES` names one."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from twinshop.catalog.app import VERSIONS
from twinshop.catalog.seed import seed
from twinshop.catalog.service import CatalogService
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import StockLine
from twinshop.kit.database import Database
from twinshop.testing.databases import PATIENT, drop_everything, fill_once, migrate_once
from twinshop.testing.products import catalogue_data, category_data, product_data

POSTGRES = os.environ.get("TWINSHOP_TEST_POSTGRES")
RESERVE_FOR = timedelta(minutes=10)

CATEGORIES = [
    category_data("kitchen", name="Kitchen & Table", description="Cook and serve."),
    category_data("tea", description="Leaves."),
    category_data("empty", name="Empty shelf", description="Nothing yet."),
]
PRODUCTS = [
    ("KIT-001", "Sauté pan", "Steel, with a lid.", "kitchen", 4990, 5),
    ("KIT-002", "Enamel mug", "Holds 100% of your tea; a\\b c_d.", "kitchen", 990, 10),
    ("KIT-003", "Bread knife", "Cuts bread <b>well</b>.", "kitchen", 2490, 1),
    ("TEA-001", "Green tea", "Sencha from a mug's best friend.", "tea", 890, 20),
    ("TEA-002", "apple tea", "Fruit.", "tea", 890, 0),
]


class Clock:
    """Time that moves when the test says so."""

    reserve_for = RESERVE_FOR

    def __init__(self):
        self.time = datetime(2030, 1, 1, 12, tzinfo=UTC)

    def now(self):
        return self.time

    def expire(self):
        self.time += self.reserve_for


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lines():
    """Lines from `KIT_001=2` keywords."""

    def make(**quantities):
        return [StockLine(sku=sku.replace("_", "-"), quantity=quantity) for sku, quantity in quantities.items()]

    return make


@pytest.fixture
def content():
    """The data file's content, to be changed by a test."""
    keys = ("sku", "name", "description", "category", "price", "stock")
    products = (product_data(**dict(zip(keys, row, strict=True))) for row in PRODUCTS)
    return catalogue_data(products, CATEGORIES)


@pytest.fixture
def write_data(tmp_path):
    """Writes the data file; its path."""

    def write(data):
        path = tmp_path / "catalogue.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    return write


@pytest.fixture
def data(content, write_data):
    return write_data(content)


@pytest.fixture(params=["sqlite", "postgres"] if POSTGRES else ["sqlite"])
def database_url(request, tmp_path):
    return POSTGRES if request.param == "postgres" else f"sqlite:///{tmp_path}/catalog.db"


@pytest.fixture
async def opened(anyio_backend, database_url):
    """A database in an unknown state."""
    database = Database("catalog", database_url, PATIENT)
    yield database
    await database.dispose()


@pytest.fixture
async def unmigrated(opened):
    """A database without tables."""
    _SHIPPED.pop("postgresql", None)
    await drop_everything(opened)
    return opened


@pytest.fixture
async def bare(opened):
    """A database with tables and nothing in them."""
    _SHIPPED.pop("postgresql", None)
    await migrate_once((opened, VERSIONS))
    return opened


_SHIPPED = {}
"""Where PostgreSQL has the products that the shop ships: indexing them takes half a second, so once a process."""


@pytest.fixture
async def shipped(opened, clock):
    """The catalogue of the products that the shop ships; to be read only."""
    if opened.is_sqlite:
        await _seeded_once(opened, CatalogSettings().data)
    elif "postgresql" not in _SHIPPED:
        await migrate_once((opened, VERSIONS))
        await seed(opened, CatalogSettings().data)
        _SHIPPED["postgresql"] = opened.engine.url
    return CatalogService(opened, reserve_for=RESERVE_FOR, now=clock.now)


async def _seeded_once(database, data):
    """A SQLite database with the products of a file."""

    async def fill():
        await migrate_once((database, VERSIONS))
        await seed(database, data)

    contents = (VERSIONS, data.read_bytes())
    await fill_once(Path(database.engine.url.database), contents, fill)


@pytest.fixture
async def database(opened, data):
    if opened.is_sqlite:
        await _seeded_once(opened, data)
    else:
        _SHIPPED.pop("postgresql", None)
        await migrate_once((opened, VERSIONS))
        await seed(opened, data)
    return opened


@pytest.fixture
async def seeded_url(anyio_backend, tmp_path, data):
    """The URL of a SQLite database with the products of the data file, for an app to start on."""
    url = f"sqlite:///{tmp_path}/catalog.db"
    database = Database("catalog", url, PATIENT)
    await _seeded_once(database, data)
    await database.dispose()
    return url


@pytest.fixture
def catalog(database, clock):
    return CatalogService(database, reserve_for=RESERVE_FOR, now=clock.now)


@pytest.fixture
def available(catalog):
    """How many pieces of a product the shop shows."""

    async def of(sku):
        (product,) = await catalog.get_many([sku])
        return product.available

    return of


@pytest.fixture
def catalog_of_bare(bare, clock):
    """The catalogue on a database that the test seeds itself."""
    return CatalogService(bare, reserve_for=RESERVE_FOR, now=clock.now)
