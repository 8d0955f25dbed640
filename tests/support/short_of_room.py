"""A worker whose database may run out of room, and how a test takes the room away. Run as a module.

SQLite may not grow while a file named by AF_TEST_FULL exists. PostgreSQL answers every new row of the busiest tables with its own
"disk full" while a row stands in a table of ours.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.core.config import get_settings
from app.core.logs import configure_logs
from app.jobs.room import run_worker
from app.wiring import get_wiring
from tests.support.twice import delivering
from tests.support.worker_process import TestDeps

MARK = "AF_TEST_FULL"
_NO_ROOM = """
CREATE TABLE no_room (since TIMESTAMPTZ DEFAULT now());
CREATE FUNCTION refuse_to_grow() RETURNS trigger AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM no_room) THEN
    RAISE EXCEPTION 'could not extend file "base/5/16384": No space left on device' USING ERRCODE = '53100';
  END IF;
  RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER grow BEFORE INSERT ON run_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_grow();
CREATE TRIGGER grow BEFORE INSERT ON workflow FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_grow();
"""


def limit_growth(engine: Engine, mark: Path) -> None:
    """Before each transaction, hold SQLite's file to its size while `mark` exists; it then answers "database or disk is full"."""

    def hold(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={1 if mark.exists() else 1_073_741_823}").fetchone()

    if engine.dialect.name == "sqlite":
        event.listen(engine, "checkout", hold)
        return
    with engine.begin() as connection:
        if not connection.execute(sa.text("SELECT to_regclass('no_room')")).scalar():
            connection.exec_driver_sql(_NO_ROOM)


@contextmanager
def full(engine: Engine, mark: Path) -> Generator[None]:
    """No room, for one block."""
    mark.touch()
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO no_room DEFAULT VALUES"))
    yield
    mark.unlink()
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM no_room"))


if __name__ == "__main__":
    configure_logs(get_settings())
    wiring = delivering(get_wiring())
    limit_growth(wiring.database, Path(os.environ[MARK]))
    run_worker(wiring, open_deps=TestDeps)
