"""Reads a run's journal as the engine's events: a part of it to fork from, or the opening that a fork was given."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from app.core.errors import Conflict
from app.services.runs.claim import to_event
from app.services.runs.tables import event_table
from engine.run.events import EventType, JournalEvent

MOST_EVENTS = 60_000
_OPENING = frozenset({"kept", "edited", "left_out"})
_event = event_table.c


def read_until(connection: sa.Connection, run_id: uuid.UUID, seq: int) -> list[JournalEvent]:
    """The journal up to a number; Conflict when that is too much to fork."""
    if seq > MOST_EVENTS:
        raise Conflict(f"This run has more than {MOST_EVENTS:,} journal entries, which is too much to fork. Run it again instead.")
    query = sa.select(event_table).where(_event.run_id == run_id, _event.seq <= seq).order_by(_event.seq)
    return [to_event(row) for row in connection.execute(query)]


def read_opening(connection: sa.Connection, run_id: uuid.UUID, *, at: datetime) -> list[JournalEvent]:
    """RUN_STARTED and what was kept or written when the run was made, stamped anew: the run can be done again with it."""
    opening: list[JournalEvent] = []
    query = sa.select(event_table).where(_event.run_id == run_id).order_by(_event.seq)
    with connection.execute(query.execution_options(stream_results=True)) as rows:
        for row in rows:
            event = to_event(row)
            if event.type is not EventType.RUN_STARTED and event.data.get("source") not in _OPENING:
                break
            opening.append(JournalEvent(event.type, at, event.node, event.iteration, event.data))
    return opening
