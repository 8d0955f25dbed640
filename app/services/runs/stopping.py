"""The journal events that end a run which no worker holds; used by cancelling and by the dispatcher."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from app.services.runs.tables import step_table
from engine.run.events import EventType, JournalEvent
from models.run import StepStatus

_LIVE = (StepStatus.RUNNING, StepStatus.WAITING, StepStatus.UNKNOWN)


def cancelled_steps(connection: sa.Connection, run_id: uuid.UUID, *, at: datetime, reason: str) -> list[JournalEvent]:
    """NODE_CANCELLED for every step that is not over; `reason` is run_cancelled or run_failed."""
    columns = step_table.c
    query = sa.select(columns.node, columns.iteration).where(columns.run_id == run_id, columns.status.in_(_LIVE))
    rows = connection.execute(query.order_by(columns.node, columns.iteration)).all()
    return [JournalEvent(EventType.NODE_CANCELLED, at, row.node, row.iteration, {"reason": reason}) for row in rows]
