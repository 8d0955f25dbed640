"""Transactions that wait for each other, seen from outside."""

import sqlalchemy as sa

from app.wiring import Wiring


def waits_for_a_lock(wiring: Wiring) -> bool:
    """Whether any transaction waits. SQLite lets one write at a time from the very first moment."""
    if wiring.database.dialect.name == "sqlite":
        return True
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    with wiring.database.connect() as connection:
        return bool(connection.execute(waiting).scalar())
