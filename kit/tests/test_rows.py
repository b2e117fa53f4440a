"""Rows as named tuples: found, inserted and changed with statements that are built once."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import JSON, MetaData, bindparam
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

from twinshop.kit.columns import UtcDateTime
from twinshop.kit.database import Database
from twinshop.kit.rows import Rows

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


class Table(SQLModel, registry=registry(metadata=MetaData())):
    """Metadata of its own."""


class ParcelRow(Table, table=True):
    __tablename__ = "parcel"

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    contents: list = Field(sa_type=JSON)
    ready: bool = False


class Parcel(NamedTuple):
    id: str
    number: str
    sent_at: datetime
    contents: list
    ready: bool = False


PARCELS = Rows(ParcelRow, Parcel)
PARCEL = Parcel("a", "1", datetime(2030, 1, 2, tzinfo=UTC), ["tea"])


@pytest.fixture
async def database(tmp_path):
    database = Database("probe", f"sqlite:///{tmp_path}/x.db")
    async with database.connection() as connection:
        await connection.run_sync(ParcelRow.metadata.create_all)
    yield database
    await database.dispose()


async def stored(database):
    return await database.reading(lambda reader: PARCELS.found(reader, PARCELS.where()))


async def test_a_row_is_found_as_it_was_inserted(database):
    assert await database.writing(lambda writer: PARCELS.insert(writer, PARCEL))

    assert await database.reading(lambda reader: PARCELS.get(reader, "a")) == PARCEL
    assert await database.writing(lambda writer: PARCELS.locked(writer, "a")) == PARCEL
    assert await database.reading(lambda reader: PARCELS.get(reader, "b")) is None


@pytest.mark.parametrize("taken", [{"number": "2"}, {"id": "b"}])
async def test_a_row_whose_key_or_unique_value_is_taken_is_not_inserted(database, taken):
    await database.writing(lambda writer: PARCELS.insert(writer, PARCEL))

    assert not await database.writing(lambda writer: PARCELS.insert(writer, PARCEL._replace(**taken)))
    assert await stored(database) == [PARCEL]


async def test_a_change_changes_what_it_names_of_one_row(database):
    other = Parcel("b", "2", PARCEL.sent_at, [])

    async def work(writer):
        for parcel in (PARCEL, other):
            await PARCELS.insert(writer, parcel)
        return await PARCELS.change(writer, PARCEL, ready=True, contents=["mug"])

    changed = await database.writing(work)
    assert changed == PARCEL._replace(ready=True, contents=["mug"])
    assert await stored(database) == [changed, other]


async def test_a_query_asks_for_rows_by_its_parameters(database):
    await database.writing(lambda writer: PARCELS.insert(writer, PARCEL))
    query = PARCELS.where(col(ParcelRow.sent_at) <= bindparam("now", type_=UtcDateTime))

    for now, found in ((PARCEL.sent_at, [PARCEL]), (PARCEL.sent_at - timedelta(seconds=1), [])):
        assert await database.reading(lambda reader, now=now: PARCELS.found(reader, query, now=now)) == found
