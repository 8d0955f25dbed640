"""All schedules of a workspace at once: they stop when it is deleted, and go on as they were when it is restored."""

import uuid

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.schedules.rows import fire_table, timing_of
from models.schedule import FireOutcome, Schedule

_fire = fire_table.c
_REASON = "The workspace was deleted."


def hold_schedules(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    """Nothing is due any more; who is enabled stays so. What waited for a run before it is skipped."""
    uow.session.flush()
    is_due = col(Schedule.next_at).is_not(None)
    uow.session.connection().execute(sa.update(Schedule).where(col(Schedule.workspace_id) == workspace_id, is_due).values(next_at=None))
    is_queued = sa.and_(_fire.workspace_id == workspace_id, _fire.outcome == FireOutcome.QUEUED)
    skipped = {"outcome": FireOutcome.SKIPPED, "cause": "closed", "reason": _REASON}
    uow.session.connection().execute(sa.update(fire_table).where(is_queued).values(skipped))
    uow.session.expire_all()


def resume_schedules(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    """From now on; what came due meanwhile was nobody's."""
    wanted = select(Schedule).where(
        Schedule.workspace_id == workspace_id, col(Schedule.is_enabled), col(Schedule.deleted_at).is_(None), col(Schedule.next_at).is_(None)
    )
    now = uow.ports.clock.now()
    for row in uow.session.exec(wanted):
        row.next_at = timing_of(row).next_after(now)
        uow.session.add(row)
