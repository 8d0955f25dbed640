"""Builders of schedules for tests, and the worker's part played by hand at a frozen time."""

from typing import Any

import sqlalchemy as sa

from app.core.uow import UnitOfWork
from app.services.schedules import create_schedule, fire_schedule
from app.services.schedules.rows import fire_table
from app.views.schedules import ScheduleRow
from models.ids import parse_id
from models.run import Run
from models.schedule import Schedule
from tests.support.workflows import make_workflow


def schedule_fields(uow: UnitOfWork, **changed: Any) -> dict[str, Any]:
    """What the form sends, for a workflow of its own unless one is named."""
    fields = {"name": "Morning report", "wording": "every day at 9", "time_zone": "UTC", "inputs": {"name": "Mia"}}
    if "workflow_id" not in changed:
        fields["workflow_id"] = str(make_workflow(uow).id)
    return fields | changed


def make_schedule(uow: UnitOfWork, **changed: Any) -> ScheduleRow:
    """A saved schedule of the actor."""
    return create_schedule(uow, schedule=schedule_fields(uow, **changed))


def fire(uow: UnitOfWork, row: ScheduleRow) -> int:
    """What a worker does when it looks now; the actor stays who it was."""
    actor = uow.actor
    try:
        return fire_schedule(uow, schedule_id=row.id, now=uow.ports.clock.now())
    finally:
        uow.actor = actor


def fires_of(uow: UnitOfWork, row: ScheduleRow) -> list[Any]:
    """Rows of its fires, oldest first."""
    query = sa.select(fire_table).where(fire_table.c.schedule_id == row.id).order_by(fire_table.c.due_at)
    return list(uow.session.connection().execute(query))


def runs_of(uow: UnitOfWork, row: ScheduleRow) -> list[Any]:
    """Rows of the runs it started, oldest first."""
    table: sa.Table = Run.__table__  # type: ignore[attr-defined]
    query = sa.select(table).where(table.c.trigger_id == row.id).order_by(table.c.id)
    return list(uow.session.connection().execute(query))


def stored(uow: UnitOfWork, row: ScheduleRow) -> Schedule:
    """The row as the database has it."""
    uow.session.flush()
    uow.session.expire_all()
    found = uow.session.get(Schedule, parse_id(row.id))
    assert found is not None
    return found
