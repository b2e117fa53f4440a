"""The tables, the migrations and the settings."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import ValidationError
from sqlalchemy import inspect

from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate
from twinshop.payment.app import VERSIONS
from twinshop.payment.settings import PaymentSettings
from twinshop.payment.tables import Table

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(url):
    database = Database("payment", url)
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


async def test_a_lease_shorter_than_a_call_to_the_acquirer_is_refused():
    with pytest.raises(ValidationError, match="must be longer"):
        PaymentSettings(lease_seconds=5, acquirer_seconds=10)


async def test_a_password_in_the_database_url_is_not_shown():
    assert "hunter2" not in repr(PaymentSettings(database_url="postgresql://shop:hunter2@db/payment"))
