"""What a database that is away, busy or full means to people; app.wiring raises it in place of the driver's error."""

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import DatabaseAway

AWAY = (InterfaceError, InternalError, OperationalError, PoolTimeout)
"""What says nothing about the statement: no connection, no answer, no room, or, as InternalError, no changes at the moment."""

_FULL = ("is full", "no space left", "could not extend file", "disk quota")
_BUSY = ("is locked", "queuepool limit", "deadlock", "lock timeout", "too many connections", "too many clients")
_READ_ONLY = ("readonly", "read-only")


class SchemaMisfitError(OperationalError):
    """A table or column is missing: the database was not migrated yet, or by another version. Waiting may help; no run is at fault."""


_MISSING_STATES = frozenset({"42P01", "42703"})  # PostgreSQL: undefined table, undefined column
_MISSING_WORDS = ("no such table", "no such column", "has no column named")  # SQLite


def is_missing(error: BaseException) -> bool:
    """Whether a driver says that a table or column is not there."""
    return getattr(error, "sqlstate", None) in _MISSING_STATES or any(words in str(error) for words in _MISSING_WORDS)


def as_refusal(error: SQLAlchemyError) -> DatabaseAway:
    """The same in plain words, with what to do."""
    if isinstance(error, SchemaMisfitError):
        return DatabaseAway("The database does not fit this version. Run `agent-factory migrate`, then try again. Nothing was saved.")
    words = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    if any(mark in words for mark in _FULL):
        return DatabaseAway("The database's disk is full, so nothing can be saved. Make room on it, then try again.")
    if any(mark in words for mark in _BUSY):
        return DatabaseAway("The database is busy. Nothing was saved; try again in a moment.")
    if any(mark in words for mark in _READ_ONLY):
        return DatabaseAway("The database takes no changes at the moment. Nothing was saved; try again later.")
    return DatabaseAway("The database does not answer. Nothing was saved; try again in a moment.")
