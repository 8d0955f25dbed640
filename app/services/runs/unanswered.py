"""Runs of tests that wait for a person: nobody is asked on behalf of a test, so they end there and their approvals close."""

import uuid

import sqlalchemy as sa

from app.core.endings import EndHooks
from app.services.runs.families import Told, end_unheld
from app.services.runs.journal import append_all
from app.services.runs.tables import run_table, step_table
from models.run import RunStatus, RunTrigger, StepStatus

_run = run_table.c
_PAGE = 100
_step = step_table.c
_is_asking = sa.exists().where(_step.run_id == _run.id, _step.status == StepStatus.WAITING, _step.reason == "approval")
_UNANSWERED = sa.and_(_run.status == RunStatus.WAITING, _run.trigger == RunTrigger.TEST, _is_asking)


def has_unanswered(connection: sa.Connection) -> bool:
    """Whether `end_unanswered` would find anything; reads only."""
    return bool(connection.execute(sa.select(sa.exists(sa.select(_run.id).where(_UNANSWERED)))).scalar())


def end_unanswered(connection: sa.Connection, *, hooks: EndHooks) -> list[uuid.UUID]:
    """End them; their tests are judged as waiting, which is what they came to."""
    query = sa.select(_run.id, _run.workspace_id).where(_UNANSWERED).order_by(_run.id).limit(_PAGE)
    rows = connection.execute(query.with_for_update(of=run_table, skip_locked=True)).all()
    ends = [end_unheld(connection, row.id, row.workspace_id, by=None) for row in rows]
    append_all(connection, ends, hooks=hooks, told=Told())
    return [row.id for row in rows]
