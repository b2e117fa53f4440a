import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from twinshop.catalog.app import VERSIONS
from twinshop.catalog.tables import CatalogTable
from twinshop.kit.migrations import migrate

pytestmark = pytest.mark.anyio
SEARCH = ("catalog_search", "catalog_index", "catalog_listing")
"""Those of the search engine, which no model could describe, and one that only the version before reads."""


def _differences(connection):
    def ours(name, kind, parents):
        table = (name or "") if kind == "table" else ""
        return kind != "table" or (table.startswith("catalog_") and not table.startswith(SEARCH))

    options = {"include_name": ours, "compare_type": True, "version_table": "catalog_revision"}
    return compare_metadata(MigrationContext.configure(connection, opts=options), CatalogTable.metadata)


def _constraints(connection):
    inspector = inspect(connection)
    return {
        (table, check["name"])
        for table in CatalogTable.metadata.tables
        for check in inspector.get_check_constraints(table)
    }


async def test_the_migration_and_the_tables_agree(bare):
    async with bare.connection() as connection:
        assert await connection.run_sync(_differences) == []


async def test_the_comparison_would_notice_a_missing_column(bare):
    async with bare.connection() as connection:
        await connection.execute(text("ALTER TABLE catalog_product DROP COLUMN picture"))
        assert await connection.run_sync(_differences) != []


async def test_the_migration_makes_the_constraints_of_the_tables(bare):
    declared = {
        (table.name, constraint.name)
        for table in CatalogTable.metadata.tables.values()
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }
    async with bare.connection() as connection:
        assert await connection.run_sync(_constraints) == declared


async def test_migrating_twice_changes_nothing(database, catalog):
    before = await catalog.audit()
    await migrate(database, VERSIONS)
    assert await catalog.audit() == before


async def test_a_replica_of_the_version_before_starts_on_a_newer_schema(database, catalog):
    async with database.connection() as connection:
        await connection.execute(text("UPDATE catalog_revision SET version_num = '9999'"))
    await migrate(database, VERSIONS)
    async with database.connection() as connection:
        assert (await connection.execute(text("SELECT version_num FROM catalog_revision"))).scalar_one() == "9999"
        await connection.execute(text("DROP TABLE catalog_revision"))  # a scratch database is migrated anew


async def test_what_the_version_before_reads_is_still_there(bare):
    """The tables of revision 0002, without which its replicas would fail while a rollout lasts."""
    async with bare.connection() as connection:
        await connection.execute(text("SELECT list, place, position FROM catalog_listing LIMIT 1"))
        await connection.execute(text("SELECT sku_key, name_en, name_de FROM catalog_product LIMIT 1"))
        assert await connection.run_sync(lambda bare: inspect(bare).has_table("catalog_search"))


async def test_all_tables_bear_the_name_of_the_component():
    assert all(name.startswith("catalog_") for name in CatalogTable.metadata.tables)


@pytest.mark.parametrize("change", ["reserved = -1", "reserved = on_hand + 1", "on_hand = -1"])
async def test_the_database_itself_refuses_impossible_stock(database, change):
    with pytest.raises(IntegrityError):
        async with database.connection() as connection:
            await connection.execute(text(f"UPDATE catalog_product SET {change}"))
