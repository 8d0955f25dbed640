"""Makes the engines of tests cheap: what SQLAlchemy compiled for one test is kept for the next, and no file is synced to disk."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry


@dataclass(frozen=True, slots=True)
class _Kept:
    """The dialect of the first engine of its kind, and the statements compiled for it."""

    dialect: sa.Dialect
    statements: dict[Any, Any] = field(default_factory=dict[Any, Any])


_kept: dict[str, _Kept] = {}


def make_cheap(engine: sa.Engine) -> None:
    """Let a fresh engine share its dialect and compiled statements with those of earlier tests.

    A process of the product has one engine and compiles each statement once; a test has an engine of its own, and compiling
    everything again would cost it more than all that the database does.
    """
    if engine.name == "sqlite":
        event.listen(engine, "connect", _stop_syncing)
    if engine.name not in _kept:
        with engine.connect():  # which lets the dialect ask the server what it can
            pass
        engine.dispose()
        _kept[engine.name] = _Kept(engine.dialect)
    kept = _kept[engine.name]
    engine.dialect = kept.dialect
    engine.update_execution_options(compiled_cache=kept.statements)


def _stop_syncing(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # no test cuts the power
