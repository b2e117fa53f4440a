"""The tables, the migrations and the settings."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from pydantic import ValidationError
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from twinshop.kit import migrations
from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate
from twinshop.payment.app import VERSIONS
from twinshop.payment.settings import PaymentSettings
from twinshop.payment.tables import Table
from twinshop.testing.databases import drop_everything

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(url):
    """A database without tables."""
    database = Database("payment", url)
    await drop_everything(database)
    yield database
    await database.dispose()


def _differences(connection):
    def ours(name, kind, _parent):
        return kind != "table" or name in Table.metadata.tables

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})
    return compare_metadata(context, Table.metadata)


async def test_the_migrations_make_the_tables_that_the_code_uses(database):
    await migrate(database, VERSIONS)
    async with database.connection() as connection:
        assert await connection.run_sync(_differences) == []


async def test_the_comparison_notices_a_missing_table(database):
    async with database.connection() as connection:
        assert await connection.run_sync(_differences) != []


async def test_migrating_twice_changes_nothing(database):
    for _ in range(2):
        await migrate(database, VERSIONS)
    async with database.connection() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert {"payment_revision", *Table.metadata.tables} <= set(names)


async def test_all_tables_begin_with_the_component_so_that_databases_can_be_shared(database):
    assert all(name.startswith("payment_") for name in Table.metadata.tables)


async def test_a_lease_too_short_to_be_renewed_in_time_is_refused():
    with pytest.raises(ValidationError, match="lease_seconds"):
        PaymentSettings(lease_seconds=2)


async def test_a_password_in_the_database_url_is_not_shown():
    assert "hunter2" not in repr(PaymentSettings(database_url="postgresql://shop:hunter2@db/payment"))


FIRST = """
INSERT INTO payment_order (id, number, idempotency_key, fingerprint, shopper_id, cart_id, state, closed, lines, total,
delivery, language, failure, created_at, updated_at)
VALUES (:id, :number, :key, 'f', 'shopper', 'cart', :state, :closed, '[]', 100, '{}', 'en', :failure, :now, :now)
"""
CHARGE = """
INSERT INTO payment_charge (order_id, amount, state, attempts, created_at, updated_at)
VALUES (:id, 100, :state, 1, :now, :now)
"""
TOLD = {"code": "abandoned", "detail": "The order was not paid in time, so it was cancelled. Nothing was charged."}
OTHER = {"code": "card-declined", "detail": "Nothing was charged.", "facts": {}}


def _upgrade(connection, revision):
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("version_locations", str(VERSIONS))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, version_table="payment_revision")
    command.upgrade(config, revision)


async def test_the_second_revision_keeps_orders_and_charges_and_corrects_what_was_told(database):
    now = datetime(2026, 11, 1, tzinfo=UTC).isoformat(" ") if database.is_sqlite else datetime(2026, 11, 1, tzinfo=UTC)
    failures = {"a": json.dumps(TOLD), "b": json.dumps(OTHER), "c": None}
    async with database.connection() as connection:
        await connection.run_sync(_upgrade, "0001")
        for name, failure in failures.items():
            row = {"id": name, "number": name, "key": f"key-{name}", "closed": True, "now": now}
            await connection.execute(text(FIRST), {**row, "state": "cancelled", "failure": failure})
        await connection.execute(text(CHARGE), {"id": "a", "state": "refunded", "now": now})

    await migrate(database, VERSIONS)

    async with database.connection() as connection:
        assert await connection.run_sync(_differences) == []
        rows = (await connection.execute(text("SELECT id, failure FROM payment_order ORDER BY id"))).all()
        charges = (await connection.execute(text("SELECT order_id, amount, state FROM payment_charge"))).all()
        foreign = await connection.run_sync(lambda sync: inspect(sync).get_foreign_keys("payment_charge"))
        row = {"id": "d", "number": "d", "key": "key-a", "closed": True, "now": now, "state": "paid", "failure": None}
        with pytest.raises(IntegrityError):  # the shopper has used the key before
            await connection.execute(text(FIRST), row)
    stored = {name: json.loads(failure) if isinstance(failure, str) else failure for name, failure in rows}
    corrected = {**TOLD, "detail": "The order was not paid in time, so it was cancelled."}
    assert stored == {"a": corrected, "b": OTHER, "c": None}
    assert [tuple(row) for row in charges] == [("a", 100, "refunded")]
    assert [key["referred_table"] for key in foreign] == ["payment_order"]
