"""Alembic's environment for SQLite and PostgreSQL. No __init__.py may stand beside it: it would shadow the library.

SQLite: foreign keys are off while tables are rebuilt (a dropped table would cascade its deletes), the whole upgrade is one
transaction, and the keys are checked at its end. PostgreSQL: one advisory lock, so that two starting servers never migrate at once.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import models
from app.core.config import get_settings
from models.base import UtcDateTime

MIGRATION_LOCK = 4_207_115_009  # any fixed number that only this product uses
assert models.Run.metadata is SQLModel.metadata  # importing models registered every table


def database_url() -> str:
    """The caller's URL (tests, `agent-factory migrate`) or the settings' one."""
    return context.config.attributes.get("url") or get_settings().database_url


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write plain SQLAlchemy types into revisions, so that they never import this project."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if isinstance(item, sa.JSON):
        return "sa.JSON(none_as_null=True)"
    return False


def run() -> None:
    """Open one connection and migrate in one transaction."""
    engine = sa.create_engine(database_url(), poolclass=sa.pool.NullPool)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=is_sqlite,
            render_item=render_item,
            compare_server_default=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if not is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            context.run_migrations()
            if is_sqlite:
                _check_foreign_keys(connection)
    engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA foreign_keys=OFF")


def _check_foreign_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"The migration would break foreign keys, so nothing was changed: {broken[:5]}")


run()
