"""SQLAlchemy engines for SQLite (WAL) and PostgreSQL; app.wiring opens units of work on them."""

import json
import time
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.database_away import SchemaMisfitError, is_missing

PING_AFTER_S = 5.0


def open_database(url: str, *, pool_size: int = 20, ping_after_s: float = PING_AFTER_S) -> Engine:
    """Create the engine. SQLite gets WAL, foreign keys and explicit BEGIN; PostgreSQL as few round trips as a unit needs.

    A connection to PostgreSQL that rested for `ping_after_s` is looked at before it is used again.
    """
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "json_serializer": dump_json,
        "json_deserializer": load_json,
    }
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url, **options)
        event.listen(engine, "before_execute", _refuse_writing)
        event.listen(engine, "handle_error", _name_misfit, retval=True)
        event.listen(engine, "set_connection_execution_options", _read_without_transaction)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_ping_after_rest, engine, ping_after_s))
        return engine
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, **options)
    event.listen(engine, "before_execute", _refuse_writing)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _name_misfit, retval=True)
    return engine


def _name_misfit(context: sa.ExceptionContext) -> BaseException | None:
    """PostgreSQL's drivers count a missing column among the program's mistakes; here it means that a migration is due."""
    original = context.original_exception
    if not is_missing(original):
        return None
    return SchemaMisfitError(context.statement, None, original)


class WritesWhileReadingError(RuntimeError):
    """A unit that was opened to read was asked to write or to lock: on PostgreSQL each statement of it stands alone."""


def _refuse_writing(connection: sa.Connection, statement: Any, *_: Any) -> None:
    if connection.get_execution_options().get("af_write", True):
        return
    if getattr(statement, "is_dml", False) or getattr(statement, "_for_update_arg", None) is not None:
        raise WritesWhileReadingError(str(statement)[:200])


def _read_without_transaction(_connection: sa.Connection, options: dict[str, Any]) -> None:
    """Under READ COMMITTED each statement sees its own moment, with BEGIN and COMMIT or without: reading saves both ways."""
    if options.get("af_write") is False:
        options["isolation_level"] = "AUTOCOMMIT"


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["af_used"] = time.monotonic()


def _ping_after_rest(engine: Engine, rest_s: float, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """A connection that rested may be gone meanwhile; one that answered a moment ago is not asked again before each use."""
    used = record.info.get("af_used")
    if used is None or time.monotonic() - used < rest_s:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as gone:
        raise InvalidatePoolError() from gone


def dump_json(value: Any) -> str:
    """JSON text of a document column; what orjson refuses (lone surrogates, integers past 64 bits) takes the standard encoder."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, allow_nan=False)


def load_json(text: str | bytes) -> Any:
    """The document of a column."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not open transactions behind SQLAlchemy's back
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000", "cache_size=-16000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers take the write lock at BEGIN, so that read-then-write never fails half-way with SQLITE_BUSY."""
    is_write = connection.get_execution_options().get("af_write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
