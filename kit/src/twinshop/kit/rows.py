"""
The rows of a table as named tuples, with statements that are built once and are the same for every database.

For the hot path: SQLAlchemy's object-relational mapper took most of the CPU time of a checkout.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Executable, Select, TextClause, bindparam, select, text, update
from sqlmodel import SQLModel

from twinshop.kit.database import Reader, Writer

Row = TypeVar("Row", bound=NamedTuple)


class Rows(Generic[Row]):
    """The rows of a table whose key is one column; the fields of `row` are names of its columns."""

    def __init__(self, table: type[SQLModel], row: type[Row]) -> None:
        self._table = table.metadata.tables[str(table.__tablename__)]
        self._row = row
        self._columns = [self._table.c[name] for name in row._fields]
        (self._key,) = self._table.primary_key
        self._one = self.where(self._key == bindparam("key"))
        self._one_locked = self._one.with_for_update()
        self._insertion = _insertion(self._columns, self._key)
        self._change = cache(self._changing)

    def where(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        return select(*self._columns).where(*conditions)

    async def found(self, reader: Reader, query: Executable, **parameters: object) -> Sequence[Row]:
        """Return the rows of a query that `where` began."""
        return [self._row._make(row) for row in await reader.rows(query, parameters)]

    async def get(self, reader: Reader, key: object) -> Row | None:
        return next(iter(await self.found(reader, self._one, key=key)), None)

    async def locked(self, writer: Writer, key: object) -> Row | None:
        """
        Return the row to be changed: others that want to change it wait.

        SQLite knows no row locks and needs none: there, a writing transaction is alone.
        """
        return next(iter(await self.found(writer, self._one_locked, key=key)), None)

    async def insert(self, writer: Writer, row: Row) -> bool:
        """Return whether the row is new. Otherwise its key, or another value that must be unique, is taken."""
        return len(await writer.rows(self._insertion, row._asdict())) > 0

    async def change(self, writer: Writer, row: Row, **values: object) -> Row:
        """Return the row with other values, as it is stored now."""
        key = getattr(row, self._key.name)
        await writer.rows(self._change(*values), {"key": key, **values})
        return row._replace(**values)

    def _changing(self, *names: str) -> Executable:
        values = {name: bindparam(name, type_=self._table.c[name].type) for name in names}
        return update(self._table).where(self._key == bindparam("key")).values(values)


def _insertion(columns: Sequence[Any], key: Any) -> TextClause:  # noqa: ANN401 - SQLAlchemy's expressions
    """As text, because each dialect of SQLAlchemy has an `insert` of its own that knows ON CONFLICT."""
    names = [column.name for column in columns]
    statement = (
        f"INSERT INTO {key.table.name} ({', '.join(names)}) VALUES (:{', :'.join(names)})"  # noqa: S608
        f" ON CONFLICT DO NOTHING RETURNING {key.name}"
    )
    return text(statement).bindparams(*(bindparam(column.name, type_=column.type) for column in columns))
