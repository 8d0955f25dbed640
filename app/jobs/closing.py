"""Stops what goes on in deleted workspaces, and purges those whose grace is over, inside each worker process."""

import time
import uuid
from collections.abc import Callable

from app.jobs.looking import RepeatedLook
from app.services.closing import purge_some, stop_strays
from app.services.closing.purging import closed_spaces, has_purge, has_strays
from app.wiring import Wiring

BUDGET_S = 1.0  # of either work in one look
FRESH_S = 3600.0  # runs that began in the moment of a closing are found long before
ALL_EVERY = 600  # looks, about ten minutes: then at every closed workspace, whenever it was closed


class ClosingWatch(RepeatedLook):
    """Bound to one event loop."""

    def __init__(self, wiring: Wiring, *, budget_s: float = BUDGET_S) -> None:
        super().__init__(self.look)
        self._budget_s = budget_s
        self._wiring = wiring
        self._looks = 0
        self._seen: dict[uuid.UUID, float] = {}  # closed workspaces, and when this process saw each first, by its own clock

    def look(self) -> int:
        """One pass; returns how many runs it stopped and rows it destroyed. Without deleted workspaces, it only reads."""
        now = self._wiring.ports.clock.now()
        with self._wiring.database.connect().execution_options(af_write=False) as connection, connection.begin():
            among = self._choose(closed_spaces(connection))
            has_runs, is_due = has_strays(connection, among=among), has_purge(connection, now)
        done = self._work(lambda: self._wiring.call(stop_strays, None, among=among)) if has_runs else 0
        return done + (self._work(lambda: self._wiring.call(purge_some, None)) if is_due else 0)

    def _choose(self, closed: set[uuid.UUID]) -> list[uuid.UUID]:
        began = time.monotonic()
        self._seen = {one: self._seen.get(one, began) for one in closed}
        is_all = self._looks % ALL_EVERY == 0
        self._looks += 1
        return [one for one, first in self._seen.items() if is_all or began - first < FRESH_S]

    def _work(self, batch: Callable[[], int]) -> int:
        """Batch after batch until nothing is left or the time is up; returns how much was done."""
        done, began = 0, time.monotonic()
        while did := batch():
            done += did
            if time.monotonic() - began > self._budget_s:
                break
        return done
