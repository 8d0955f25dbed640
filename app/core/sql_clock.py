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


@compiles(sql_now, "postgresql")
def _postgresql(element: sql_now, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.offset, **kw)}))"


@compiles(sql_now, "sqlite")
def _sqlite(element: sql_now, compiler: SQLCompiler, **kw: Any) -> str:
    """Same text as SQLAlchemy writes for stamps (six decimals, no zone), so that strings compare as times."""
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {compiler.process(element.offset, **kw)} || ' seconds')"
