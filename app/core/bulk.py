"""Writes many rows with one prepared statement; the run journal's hot path, where SQLAlchemy's work per row would cost more than SQLite's.

The statement is compiled once per dialect, and its own bind processors turn values into what the driver takes.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]
Convert = Callable[[Any], Any]


def insert_into(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the connection's dialect."""
    return insert_of(connection.dialect.name, table)


def is_inserted(connection: sa.Connection, statement: Any) -> bool:
    """Whether an INSERT with ON CONFLICT wrote or changed a row; the count of rows does not tell it on every database."""
    return connection.execute(statement.returning(sa.literal(1))).first() is not None


def insert_of(dialect: str, table: sa.Table) -> Any:
    """The same for a dialect's name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


class BulkStatement:
    """A statement over the given columns (or bind names), built by `build(dialect name)` and kept compiled."""

    def __init__(self, build: Callable[[str], Any], names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._build = lru_cache(maxsize=4)(build)
        self._prepare = lru_cache(maxsize=4)(self._compile)

    def write(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Execute once per row, in order; every row has all the names, two or more."""
        if not rows:
            return
        dialect = connection.dialect
        if not dialect.positional:
            connection.execute(self._build(dialect.name), list(rows))
            return
        text, names, converts = self._prepare(dialect)
        columns = zip(*map(itemgetter(*names), rows), strict=True)
        parameters = zip(*map(_converted, columns, converts), strict=True)
        connection.exec_driver_sql(text, list(parameters))

    def _compile(self, dialect: sa.Dialect) -> tuple[str, tuple[str, ...], list[Convert | None]]:
        compiled: Any = self._build(dialect.name).compile(dialect=dialect, column_keys=list(self._names))
        names = tuple(compiled.positiontup)
        return compiled.string, names, [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]


def _converted(column: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    """A column as the driver takes it; what repeats itself from row to row (the run, nothing, one moment) is converted once."""
    if convert is None:
        return column
    last, done = None, convert(None)
    out: list[Any] = []
    for value in column:
        if value is not last:
            last, done = value, convert(value)
        out.append(done)
    return out
