"""Brings every run that should move to a worker, once a second and at every tick: locally where there is room, else by ringing.

It runs inside each worker process, so that nothing depends on Redis or on the scheduler to be found again.
"""

import logging
import time
import uuid
from collections.abc import Callable, Sequence

from sqlalchemy.engine import Engine

from app.core.endings import EndHooks
from app.core.errors import Unavailable
from app.core.ports import JobQueue
from app.jobs.looking import RepeatedLook
from app.services.budgets.reserving import has_stale_holds, reap_holds
from app.services.runs.dispatch import (
    deliver_signals,
    fail_lost_runs,
    find_due_runs,
    find_lost_children,
    find_unsent,
    has_lost_children,
    has_signals,
    has_work,
    mark_sent,
)
from app.services.runs.families import Told
from app.services.runs.unanswered import end_unanswered, has_unanswered

log = logging.getLogger(__name__)
LOST_CHILDREN_EVERY_S = 30.0


class Dispatcher(RepeatedLook):
    """Bound to one event loop. `try_take` offers a run to this very process and tells whether it had room; `tell` hears what
    concerns other runs."""

    def __init__(
        self, database: Engine, *, hooks: EndHooks, queue: JobQueue, try_take: Callable[[uuid.UUID], bool], tell: Callable[[Told], None]
    ) -> None:
        super().__init__(self.dispatch)
        self._database = database
        self._hooks = hooks
        self._queue = queue
        self._try_take = try_take
        self._tell = tell
        self._looked_for_children = -LOST_CHILDREN_EVERY_S  # at once: a worker often starts after a restored backup

    def dispatch(self) -> int:
        """One pass; returns how many runs it sent to a worker."""
        self._look_for_children()
        self._deliver_signals()
        self._reap_holds()
        self._end_unanswered()
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            if not has_work(connection):
                return 0
        with self._database.begin() as connection:
            for run_id in fail_lost_runs(connection, hooks=self._hooks):
                log.error("run %s: its workers died again and again; it was ended as worker_lost", run_id)
            unsent = find_unsent(connection)
            due = find_due_runs(connection)
        taken, rung = self._send(list(dict.fromkeys([*due, *unsent])))
        told = [run_id for run_id in unsent if run_id in rung]  # the claim itself forgets the doorbell of what was taken here
        if told:
            with self._database.begin() as connection:
                mark_sent(connection, told)
        return taken + len(rung)

    def _look_for_children(self) -> None:
        """Now and then; the outbox rings for what is found."""
        if time.monotonic() - self._looked_for_children < LOST_CHILDREN_EVERY_S:
            return
        self._looked_for_children = time.monotonic()
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            if not has_lost_children(connection):
                return
        with self._database.begin() as connection:
            for run_id in find_lost_children(connection, hooks=self._hooks).rings:
                log.warning("run %s waited for a child that was over or gone; it goes on", run_id)

    def _reap_holds(self) -> None:
        """Budget that workers reserved and died."""
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            if not has_stale_holds(connection):
                return
        with self._database.begin() as connection:
            log.warning("%d reservations of budgets were never settled and are released", reap_holds(connection))

    def _deliver_signals(self) -> None:
        """What steps sent, and what crossed with a wait."""
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            if not has_signals(connection):
                return
        with self._database.begin() as connection:
            told = deliver_signals(connection, hooks=self._hooks)
        self._tell(told)

    def _end_unanswered(self) -> None:
        """Tests wait for nobody."""
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            if not has_unanswered(connection):
                return
        with self._database.begin() as connection:
            end_unanswered(connection, hooks=self._hooks)

    def _send(self, run_ids: Sequence[uuid.UUID]) -> tuple[int, set[uuid.UUID]]:
        """How many were offered to this process, and which were rung for."""
        taken, rung = 0, set[uuid.UUID]()
        for run_id in run_ids:
            if self._try_take(run_id):
                taken += 1
                continue
            try:
                self._queue.ring_run(run_id)
            except Unavailable as error:
                log.warning("%d runs wait for the queue: %s", len(run_ids) - taken - len(rung), error.message)
                break
            rung.add(run_id)
        return taken, rung
