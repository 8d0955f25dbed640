"""A run that the engine cannot drive to its end: why, in words, and what has to be closed so that nothing of it stays at work."""

import uuid

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import Engine

from app.services.runs.journal import step_table
from engine.errors import SpecError
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.run import StepStatus

LIVE = (StepStatus.RUNNING, StepStatus.WAITING, StepStatus.UNKNOWN)
_REMEDY = "The run cannot go on. Start it anew with the present version of the workflow."


def why_not(error: SpecError | ValidationError) -> tuple[str, str]:
    """Code and message for a plan that this version of the product cannot run."""
    finding = error.findings[0] if isinstance(error, SpecError) and error.findings else None
    if finding is None:
        return "unsupported_version", f"This run was started with a definition that this version cannot read. {_REMEDY}"
    where = f"'{finding.node}': " if finding.node else ""
    return finding.code, f"{where}{finding.message} {_REMEDY}"


def closing_events(database: Engine, run_id: uuid.UUID) -> list[JournalEvent]:
    """One NODE_CANCELLED for each step that is still at work or waits, as the journal's projection has it."""
    columns = step_table.c
    query = sa.select(columns.node, columns.iteration).where(columns.run_id == run_id, columns.status.in_(LIVE))
    with database.connect().execution_options(af_write=False) as connection:
        rows = connection.execute(query.order_by(columns.node, columns.iteration)).all()
    return [JournalEvent(EventType.NODE_CANCELLED, utc_now(), row.node, row.iteration, {"reason": "run_failed"}) for row in rows]
