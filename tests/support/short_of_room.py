"""A worker whose database may run out of room: while the named file exists, SQLite refuses to grow, as on a full disk. Run as a module."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.core.config import get_settings
from app.core.logs import configure_logs
from app.jobs.room import run_worker
from app.wiring import get_wiring
from tests.support.twice import delivering
from tests.support.worker_process import TestDeps

MARK = "AF_TEST_FULL"


def limit_growth(engine: Any, mark: Path) -> None:
    """Before each transaction, hold the file to its size while `mark` exists; SQLite then answers "database or disk is full"."""

    def hold(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={1 if mark.exists() else 1_073_741_823}").fetchone()

    event.listen(engine, "checkout", hold)


if __name__ == "__main__":
    configure_logs(get_settings())
    wiring = delivering(get_wiring())
    limit_growth(wiring.database, Path(os.environ[MARK]))
    run_worker(wiring, open_deps=TestDeps)
