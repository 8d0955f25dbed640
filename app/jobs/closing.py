"""Stops what goes on in deleted workspaces, and purges those whose grace is over, inside each worker process."""

import time
from datetime import timedelta

from app.jobs.looking import RepeatedLook
from app.services.closing import purge_some, stop_strays
from app.services.closing.purging import has_purge, has_strays
from app.wiring import Wiring

BATCHES = 20  # of one look
FRESH = timedelta(hours=1)  # runs that began in the moment of a closing are found long before
ALL_EVERY = 600  # looks, about ten minutes: then at every closed workspace, also after hours without a worker


class ClosingWatch(RepeatedLook):
    """Bound to one event loop."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(self.look)
        self._wiring = wiring
        self._looks = 0

    def look(self) -> int:
        """One pass; returns how many runs it stopped and rows it destroyed. Without deleted workspaces, it only reads."""
        now = self._wiring.ports.clock.now()
        since = now - FRESH if self._looks % ALL_EVERY else None
        self._looks += 1
        with self._wiring.database.connect().execution_options(af_write=False) as connection, connection.begin():
            strays, is_due = has_strays(connection, since=since), has_purge(connection, now)
        done = 0
        if strays:
            done += self._wiring.call(stop_strays, None, since=since)
        began = time.monotonic()
        for _ in range(BATCHES if is_due else 0):
            gone = self._wiring.call(purge_some, None)
            if gone == 0 or time.monotonic() - began > 1.0:
                break
            done += gone
        return done
