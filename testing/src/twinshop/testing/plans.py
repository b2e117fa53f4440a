"""How a database would carry out the statements that a component sends."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

from twinshop.kit import sqlite
from twinshop.kit.database import Database

Statement = tuple[str, Any]
"""SQL and its parameters."""


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """Give the list of all statements that databases are sent in the block, by whichever engine."""
    sent: list[Statement] = []

    def note(_1: object, _2: object, statement: str, parameters: object, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append((statement, parameters))

    def fetched(reader: sqlite.Reader, statement: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
        sent.append((statement, parameters))
        return fetch(reader, statement, parameters)

    fetch = sqlite.Reader.fetched
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with mock.patch.object(sqlite.Reader, "fetched", fetched):
            yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def steps(database: Database, sent: list[Statement], *kinds: str) -> AsyncIterator[tuple[str, str]]:
    """
    Yield each step of the plan for the statements of these kinds (`SELECT`), with the statement.

    PostgreSQL reads a small table whole whatever its indexes are. It is asked not to: what it still reads whole
    (`Seq Scan`), it would read so at any size.
    """
    async with database.read() as session:
        connection = await session.connection()
        if not database.is_sqlite:
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        for statement, parameters in sent:
            if statement.startswith(kinds):
                for step in await connection.exec_driver_sql(f"{explain} {statement}", parameters):
                    yield step.detail if database.is_sqlite else step[0].lstrip(" ->"), statement
