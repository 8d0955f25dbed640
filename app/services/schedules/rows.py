"""Turns rows of schedules and fires into views, and keeps the log of changes; the other modules of this package share it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.core.uow import UnitOfWork
from app.services.runs.journal import run_table
from app.services.schedules.cron import Timing
from app.services.schedules.describing import describe_cron
from app.views.schedules import FireRow, ScheduleRow
from models.run import TERMINAL
from models.schedule import Schedule, ScheduleChange, ScheduleFire
from models.user import User
from models.workflow import Workflow

schedule_table: sa.Table = Schedule.__table__  # type: ignore[attr-defined]
fire_table: sa.Table = ScheduleFire.__table__  # type: ignore[attr-defined]
WHAT = "This schedule"
LOOKED_AT = 50  # the newest runs of a schedule, among which those that still go are found
_fire, _run = fire_table.c, run_table.c
FIRE_ROWS = sa.select(fire_table, _run.status.label("run_status")).select_from(
    fire_table.outerjoin(run_table, sa.and_(_run.id == _fire.run_id, _run.workspace_id == _fire.workspace_id))
)


def timing_of(row: Schedule | ScheduleChange) -> Timing:
    """When it is due."""
    return Timing(row.cron, row.time_zone, row.starts_on, row.ends_on)


def to_fire_row(row: Any) -> FireRow:
    """A row of FIRE_ROWS as a view."""
    return FireRow(
        id=row.id,
        due_at=row.due_at,
        at=row.created_at,
        outcome=row.outcome,
        until=row.until,
        count=row.count,
        cause=row.cause,
        reason=row.reason,
        run_id=row.run_id,
        run_status=row.run_status or "",
        is_manual=row.is_manual,
    )


def last_fires(uow: UnitOfWork, schedule_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, FireRow]:
    """The newest fire of each schedule."""
    if not schedule_ids:
        return {}
    newest = (
        sa.select(_fire.schedule_id, sa.func.max(_fire.due_at).label("due_at"))
        .where(_fire.schedule_id.in_(schedule_ids))
        .group_by(_fire.schedule_id)
        .subquery()
    )
    query = FIRE_ROWS.join(newest, sa.and_(newest.c.schedule_id == _fire.schedule_id, newest.c.due_at == _fire.due_at))
    rows = uow.session.connection().execute(query.where(_fire.workspace_id == uow.workspace_id))
    return {row.schedule_id: to_fire_row(row) for row in rows}


def to_schedule_rows(uow: UnitOfWork, found: Sequence[Schedule]) -> tuple[ScheduleRow, ...]:
    """Schedules with the names of what and who they name, and their last fire."""
    last = last_fires(uow, [row.id for row in found])
    workflows = _by_id(uow, Workflow, {row.workflow_id for row in found})
    owners = _by_id(uow, User, {row.owner_id for row in found if row.owner_id})
    return tuple(_to_row(row, workflows.get(row.workflow_id), owners.get(row.owner_id), last.get(row.id)) for row in found)


def _to_row(row: Schedule, workflow: Any, owner: Any, last: FireRow | None) -> ScheduleRow:
    return ScheduleRow(
        id=row.id,
        name=row.name,
        workflow_id=row.workflow_id,
        workflow_name=workflow.name if workflow else "",
        wording=row.wording,
        said=describe_cron(row.cron),
        cron=row.cron,
        time_zone=row.time_zone,
        is_enabled=row.is_enabled,
        disabled_reason=row.disabled_reason,
        next_at=row.next_at,
        owner=owner.name if owner else "",
        is_finished=row.is_enabled and row.next_at is None,
        is_workflow_deleted=workflow is None or workflow.deleted_at is not None,
        last=last,
    )


def _by_id(uow: UnitOfWork, model: Any, ids: set[Any]) -> Mapping[Any, Any]:
    if not ids:
        return {}
    table = model.__table__
    columns = [table.c.id, table.c.name, *([table.c.deleted_at] if "deleted_at" in table.c else [])]
    rows = uow.session.connection().execute(sa.select(*columns).where(table.c.id.in_(ids)))
    return {row.id: row for row in rows}


def note_change(uow: UnitOfWork, row: Schedule, kind: str, *, at: datetime, by: uuid.UUID | None = None, reason: str = "") -> None:
    """Remember what the schedule is from now on."""
    change = ScheduleChange(
        workspace_id=row.workspace_id,
        schedule_id=row.id,
        at=at,
        kind=kind,
        by=by,
        reason=reason[:400],
        is_enabled=row.is_enabled,
        cron=row.cron,
        time_zone=row.time_zone,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )
    uow.session.add(change)


def run_in_the_way(connection: sa.Connection, schedule_id: uuid.UUID) -> uuid.UUID | None:
    """A run of this schedule that is not over."""
    newest = sa.select(_run.id, _run.status).where(_run.trigger_id == schedule_id).order_by(_run.id.desc()).limit(LOOKED_AT)
    found = connection.execute(newest).all()
    return next((run.id for run in found if run.status not in TERMINAL), None)
