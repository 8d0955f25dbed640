"""The database's time for the runs of a worker whose own clock may be wrong; a wait that one worker begins, another one ends."""

import logging
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.core.sql_clock import sql_now
from app.jobs.looking import RepeatedLook
from models.base import UtcDateTime

log = logging.getLogger(__name__)
EVERY_S = 60.0
TOLERATED_S = 1.0  # less than this is the way to the database and back, not a wrong clock


class DatabaseClock(RepeatedLook):
    """Implements engine.ports.Clock. Compares once a minute, and at once when this machine's clock was set; bound to one event loop."""

    def __init__(self, database: Engine) -> None:
        super().__init__(self.compare)
        self._database = database
        self._off_by = timedelta()
        self._compared_at = -EVERY_S
        self._base = 0.0

    def now(self) -> datetime:
        """The database's time."""
        return datetime.now(UTC) + self._off_by

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def compare(self) -> None:
        """Ask the database, if it is time to."""
        was_set = abs(time.time() - time.monotonic() - self._base) > TOLERATED_S
        if not was_set and time.monotonic() - self._compared_at < EVERY_S:
            return
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            before = datetime.now(UTC)
            theirs = connection.execute(sa.select(sa.type_coerce(sql_now(), UtcDateTime()))).scalar_one()
            ours = before + (datetime.now(UTC) - before) / 2
        off_by = theirs - ours if abs((theirs - ours).total_seconds()) > TOLERATED_S else timedelta()
        if abs((off_by - self._off_by).total_seconds()) > TOLERATED_S:
            log.warning("this machine's clock is %.0f s off the database's; runs go by the database's", -off_by.total_seconds())
        self._off_by, self._compared_at, self._base = off_by, time.monotonic(), time.time() - time.monotonic()
