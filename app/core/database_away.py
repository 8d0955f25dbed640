"""What a database that is away, busy or full means to people; app.wiring raises it in place of the driver's error."""

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import Unavailable

AWAY = (InterfaceError, InternalError, OperationalError, PoolTimeout)
"""What says nothing about the statement: no connection, no answer, no room, or, as InternalError, no changes at the moment."""

_FULL = ("is full", "no space left", "could not extend file", "disk quota")
_BUSY = ("is locked", "queuepool limit", "deadlock", "lock timeout", "too many connections", "too many clients")
_READ_ONLY = ("readonly", "read-only")


class DatabaseAway(Unavailable):
    """Nothing was saved; trying again may work."""

    code = "database_away"


def as_refusal(error: SQLAlchemyError) -> DatabaseAway:
    """The same in plain words, with what to do."""
    words = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    if any(mark in words for mark in _FULL):
        return DatabaseAway("The database's disk is full, so nothing can be saved. Make room on it, then try again.")
    if any(mark in words for mark in _BUSY):
        return DatabaseAway("The database is busy. Nothing was saved; try again in a moment.")
    if any(mark in words for mark in _READ_ONLY):
        return DatabaseAway("The database takes no changes at the moment. Nothing was saved; try again later.")
    return DatabaseAway("The database does not answer. Nothing was saved; try again in a moment.")
