"""The database's clock in SQL: leases and due times are compared where they are kept, so that no worker's own clock matters."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from models.base import UtcDateTime


class sql_now(sa.sql.expression.ColumnElement[datetime]):  # noqa: N801 - reads as a function in SQL expressions
    """The database's time, plus `seconds`."""

    inherit_cache = True
    type = UtcDateTime()

    def __init__(self, seconds: float = 0.0) -> None:
        self.offset = sa.bindparam("sql_now_offset", float(seconds), type_=sa.Float(), unique=True)

    _traverse_internals = (("offset", sa.sql.visitors.InternalTraversal.dp_clauseelement),)  # type: ignore[assignment] - a tuple serves, and is immutable


class ms_since(sa.sql.expression.ColumnElement[float]):  # noqa: N801 - reads as a function in SQL expressions
    """Milliseconds of the database's clock since the moment in a column; NULL for NULL."""

    inherit_cache = True
    type = sa.Float()
    _traverse_internals = (("column", sa.sql.visitors.InternalTraversal.dp_clauseelement),)  # type: ignore[assignment] - as above

    def __init__(self, column: sa.ColumnElement[datetime]) -> None:
        self.column = column


@compiles(ms_since, "postgresql")
def _ms_postgresql(element: ms_since, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(extract(epoch from clock_timestamp() - {compiler.process(element.column, **kw)}) * 1000)"


@compiles(ms_since, "sqlite")
def _ms_sqlite(element: ms_since, compiler: SQLCompiler, **kw: Any) -> str:
    return f"((julianday('now') - julianday({compiler.process(element.column, **kw)})) * 86400000.0)"


@compiles(sql_now, "postgresql")
def _postgresql(element: sql_now, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.offset, **kw)}))"


@compiles(sql_now, "sqlite")
def _sqlite(element: sql_now, compiler: SQLCompiler, **kw: Any) -> str:
    """Same text as SQLAlchemy writes for stamps (six decimals, no zone), so that strings compare as times."""
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {compiler.process(element.offset, **kw)} || ' seconds')"
