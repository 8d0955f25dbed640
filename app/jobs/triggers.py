"""Fires what is due and delivers what happened, inside each worker process: nothing depends on the scheduler or on any key in Redis.

Each schedule and each fact is dealt with in a transaction of its own; two workers never deal with the same one.
"""

import logging
import uuid
from datetime import datetime
from typing import Protocol

from app.core.errors import DatabaseAway
from app.core.uow import UnitOfWork
from app.jobs.looking import RepeatedLook
from app.services.rules import deliver_fact, give_up_fact
from app.services.rules.delivering import find_facts
from app.services.schedules import fire_schedule, note_broken, start_queued
from app.services.schedules.firing import find_due, find_queued, has_schedules
from app.services.schedules.watching import database_now, must_beat, note_look
from app.wiring import Wiring

log = logging.getLogger(__name__)


class _Deal(Protocol):
    def __call__(self, uow: UnitOfWork, *, schedule_id: uuid.UUID, now: datetime) -> object: ...


class TriggerWatch(RepeatedLook):
    """Bound to one event loop."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(self.look)
        self._wiring = wiring

    def look(self) -> int:
        """One pass; returns how many schedules and facts it dealt with. An idle installation is only read, but for one note in a while."""
        with self._wiring.database.connect().execution_options(af_write=False) as connection, connection.begin():
            due, queued, facts = find_due(connection), find_queued(connection), find_facts(connection)
            is_watched = has_schedules(connection) and must_beat(connection)
        if is_watched:
            with self._wiring.database.begin() as connection:
                note_look(connection, now=database_now(connection))
        for schedule_id in due:
            self._deal(fire_schedule, schedule_id)
        for schedule_id in queued:
            self._deal(start_queued, schedule_id)
        for fact_id in facts:
            self._deliver(fact_id)
        return len(due) + len(queued) + len(facts)

    def _deliver(self, fact_id: uuid.UUID) -> None:
        """One fact in one transaction, in the same way."""
        try:
            with self._wiring.unit() as uow:
                deliver_fact(uow, fact_id=fact_id, now=database_now(uow.session.connection()))
        except DatabaseAway:
            raise
        except Exception:
            log.exception("fact %s could not be delivered", fact_id)
            with self._wiring.unit() as uow:
                give_up_fact(uow, fact_id=fact_id, now=database_now(uow.session.connection()))

    def _deal(self, deal: _Deal, schedule_id: uuid.UUID) -> None:
        """One schedule in one transaction; an error of the program is told at the schedule and does not stop the others."""
        try:
            self._call(deal, schedule_id)
        except DatabaseAway:  # try again soon
            raise
        except Exception:
            log.exception("schedule %s could not be dealt with", schedule_id)
            self._call(note_broken, schedule_id)

    def _call(self, deal: _Deal, schedule_id: uuid.UUID) -> None:
        with self._wiring.unit() as uow:
            deal(uow, schedule_id=schedule_id, now=database_now(uow.session.connection()))
