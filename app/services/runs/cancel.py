"""Cancelling: at once where no worker holds the run, otherwise by asking the worker, which stops within a second."""

import uuid
from typing import Any

import sqlalchemy as sa

from app.core.audit import record
from app.core.errors import NotFound
from app.core.permissions import Permission, require
from app.core.sql_clock import sql_now
from app.core.uow import UnitOfWork
from app.services.budgets.accounts import runs_above
from app.services.runs.families import Told, end_unheld, stop_children
from app.services.runs.journal import append_all
from app.services.runs.queries import get_run_row
from app.services.runs.ringing import follow_after_commit
from app.services.runs.tables import run_table
from app.views.runs import RunRow
from models.ids import parse_id
from models.run import TERMINAL, Run, RunStatus

_run = run_table.c


def cancel_run(uow: UnitOfWork, *, run_id: object) -> RunRow:
    """Stop a run. One that is over stays as it is, so cancelling twice does no harm."""
    require(uow, Permission.RUN)
    run = uow.load(Run, parse_id(run_id), what="This run")
    title = run.title
    request_cancel(uow, parse_id(run_id))
    record(uow.trail, kind="run", resource_id=run_id, name=title)
    return get_run_row(uow, run_id=run_id)


def request_cancel(uow: UnitOfWork, run_id: uuid.UUID | None) -> None:
    """The same for services that have checked permission and look at the run themselves afterwards. Its children stop with it."""
    row = lock_run(uow, run_id, with_parents=True)
    if RunStatus(row.status) in TERMINAL:
        return
    by = uow.actor.user_id if uow.actor else None
    connection, told = uow.session.connection(), Told()
    if row.status == RunStatus.RUNNING and not row.is_orphan:
        is_first = sa.and_(_run.id == row.id, _run.cancel_requested_at.is_(None))
        connection.execute(sa.update(run_table).where(is_first).values(cancel_requested_at=sql_now(), cancel_requested_by=by))
        told.nudges.append(row.id)
        ends = stop_children(connection, [row.id], told)
    else:
        ends = [end_unheld(connection, row.id, row.workspace_id, by=str(by) if by else None)]
        told.changed.append(row.id)
    append_all(connection, ends, hooks=uow.ports.end_hooks, told=told)
    uow.session.expire_all()
    follow_after_commit(uow, told)


def lock_run(uow: UnitOfWork, run_id: uuid.UUID | None, *, with_parents: bool = False) -> Any:
    """The run's row, locked until the transaction ends; raises NotFound for absent and foreign ones alike.

    A run that may end here is locked together with all above it, in the order in which workers lock them.
    """
    uow.session.flush()
    is_orphan = sa.and_(_run.status == RunStatus.RUNNING, _run.lease_until < sql_now()).label("is_orphan")
    query = sa.select(_run.id, _run.workspace_id, _run.status, _run.fence, _run.created_by, is_orphan)
    wanted = _run.id == run_id
    if with_parents and run_id is not None:
        wanted = _run.id.in_(runs_above(uow.session.connection(), {run_id})[run_id])
    query = query.where(wanted, _run.workspace_id == uow.workspace_id).order_by(_run.id).with_for_update()
    row = next((row for row in uow.session.connection().execute(query) if row.id == run_id), None)
    if row is None:
        raise NotFound("This run")
    return row
