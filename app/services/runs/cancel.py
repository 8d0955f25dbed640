"""Cancelling: at once where no worker holds the run, otherwise by asking the worker, which stops within a second."""

import uuid
from typing import Any

import sqlalchemy as sa

from app.core.errors import NotFound
from app.core.permissions import Permission, require
from app.core.sql_clock import sql_now
from app.core.uow import UnitOfWork
from app.services.runs.journal import append_events, outbox_table, run_table
from app.services.runs.queries import get_run_row
from app.services.runs.ringing import nudge_after_commit, tell_after_commit
from app.services.runs.stopping import cancelled_steps
from app.views.runs import RunRow
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.ids import parse_id
from models.run import TERMINAL, RunStatus

_run = run_table.c


def cancel_run(uow: UnitOfWork, *, run_id: object) -> RunRow:
    """Stop a run. One that is over stays as it is, so cancelling twice does no harm."""
    require(uow, Permission.RUN)
    request_cancel(uow, parse_id(run_id))
    return get_run_row(uow, run_id=run_id)


def request_cancel(uow: UnitOfWork, run_id: uuid.UUID | None) -> None:
    """The same for services that have checked permission and look at the run themselves afterwards."""
    row = lock_run(uow, run_id)
    if RunStatus(row.status) in TERMINAL:
        return
    if row.status == RunStatus.RUNNING and not row.is_orphan:
        _ask_worker(uow, row)
    else:
        _end_now(uow, row)


def lock_run(uow: UnitOfWork, run_id: uuid.UUID | None) -> Any:
    """The run's row, locked until the transaction ends; raises NotFound for absent and foreign ones alike."""
    uow.session.flush()
    is_orphan = sa.and_(_run.status == RunStatus.RUNNING, _run.lease_until < sql_now()).label("is_orphan")
    query = sa.select(_run.id, _run.workspace_id, _run.status, _run.fence, _run.created_by, is_orphan)
    query = query.where(_run.id == run_id, _run.workspace_id == uow.workspace_id).with_for_update()
    row = uow.session.connection().execute(query).first()
    if row is None:
        raise NotFound("This run")
    return row


def _ask_worker(uow: UnitOfWork, row: Any) -> None:
    is_first = sa.and_(_run.id == row.id, _run.cancel_requested_at.is_(None))
    by = uow.actor.user_id if uow.actor else None
    uow.session.connection().execute(sa.update(run_table).where(is_first).values(cancel_requested_at=sql_now(), cancel_requested_by=by))
    nudge_after_commit(uow, row.id)


def _end_now(uow: UnitOfWork, row: Any) -> None:
    """No worker holds it, or the one that did is gone: a raised fence keeps that one out for good."""
    connection, now = uow.session.connection(), utc_now()
    connection.execute(sa.update(run_table).where(_run.id == row.id).values(fence=_run.fence + 1))
    by = str(uow.actor.user_id) if uow.actor else None
    last = JournalEvent(EventType.RUN_CANCELLED, now, data={"by": by})
    events = [*cancelled_steps(connection, row.id, at=now, reason="run_cancelled"), last]
    append_events(connection, row.id, row.workspace_id, events, hooks=uow.ports.end_hooks)
    connection.execute(sa.delete(outbox_table).where(outbox_table.c.id == row.id))
    uow.session.expire_all()
    tell_after_commit(uow, row.id)
