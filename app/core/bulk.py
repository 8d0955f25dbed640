"""Writes many rows with one prepared statement; the run journal's hot path, where SQLAlchemy's work per row would cost more than SQLite's.

The statement is compiled once per dialect, and its own bind processors turn values into what the driver takes.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]


def insert_into(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the connection's dialect."""
    return insert_of(connection.dialect.name, table)


def is_inserted(connection: sa.Connection, statement: Any) -> bool:
    """Whether an INSERT with ON CONFLICT DO NOTHING wrote its row; the count of rows does not tell it on every database."""
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
        """Execute once per row, in order; every row has all the names."""
        if not rows:
            return
        dialect = connection.dialect
        if not dialect.positional:
            connection.execute(self._build(dialect.name), list(rows))
            return
        text, columns = self._prepare(dialect)
        parameters = [tuple([row[name] if convert is None else convert(row[name]) for name, convert in columns]) for row in rows]
        connection.exec_driver_sql(text, parameters)

    def _compile(self, dialect: sa.Dialect) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None]]]:
        compiled: Any = self._build(dialect.name).compile(dialect=dialect, column_keys=list(self._names))
        columns = [(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in compiled.positiontup]
        return compiled.string, columns
