"""Creating, changing, pausing and deleting schedules, and running one at once. Who saves or resumes a schedule is in whose name it runs."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from app.core.errors import Conflict, Invalid, LimitReached
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.runs.start import StartedBy, start_run
from app.services.schedules.cron import Timing
from app.services.schedules.drafts import ScheduleDraft, read_draft
from app.services.schedules.rows import WHAT, fire_table, note_change, timing_of, to_schedule_rows
from app.views.runs import RunRow
from app.views.schedules import ScheduleRow
from models.ids import parse_id
from models.run import RunTrigger
from models.schedule import FireOutcome, Schedule, ScheduleFire

MOST_SCHEDULES = 200
_NEVER = "These days are over, so it would never run. Choose a later last day, or none."


def create_schedule(uow: UnitOfWork, *, schedule: object) -> ScheduleRow:
    """Create a schedule of the fields in drafts.FIELDS; raises Invalid with one message per field."""
    require(uow, Permission.EDIT)
    count = select(func.count()).select_from(Schedule).where(Schedule.workspace_id == uow.workspace_id, col(Schedule.deleted_at).is_(None))
    if uow.session.exec(count).one() >= MOST_SCHEDULES:
        raise LimitReached(f"A workspace has at most {MOST_SCHEDULES} schedules. Delete one you no longer need.")
    now = uow.ports.clock.now()
    draft = read_draft(uow, schedule)
    row = Schedule(workspace_id=uow.workspace_id, **_values(uow, draft, now), created_at=now, updated_at=now)
    uow.session.add(row)
    uow.session.flush()
    _note(uow, row, "created", now)
    return to_schedule_rows(uow, [row])[0]


def update_schedule(uow: UnitOfWork, *, schedule_id: object, schedule: object) -> ScheduleRow:
    """Replace all fields. Moments of the old timing that nobody has dealt with yet are gone; the new timing counts from now."""
    require(uow, Permission.EDIT)
    row = _load(uow, schedule_id)
    now = uow.ports.clock.now()
    for name, value in _values(uow, read_draft(uow, schedule), now).items():
        setattr(row, name, value)
    row.disabled_reason = ""
    _save(uow, row, "edited", now)
    if not row.is_enabled:
        _drop_queued(uow, row, "The schedule was paused before this moment's turn came.")
    return to_schedule_rows(uow, [row])[0]


def duplicate_schedule(uow: UnitOfWork, *, schedule_id: object) -> ScheduleRow:
    """A paused copy in the name of who asks."""
    require(uow, Permission.EDIT)
    row = _load(uow, schedule_id)
    stem = row.name.rsplit(" (copy", 1)[0][:105]
    taken = set(
        uow.session.exec(select(Schedule.name).where(Schedule.workspace_id == uow.workspace_id, col(Schedule.deleted_at).is_(None)))
    )
    names = (f"{stem} (copy{'' if number == 1 else f' {number}'})" for number in range(1, len(taken) + 2))
    draft = _as_draft(row) | {"name": next(name for name in names if name not in taken), "is_enabled": False}
    return create_schedule(uow, schedule=draft)


def delete_schedule(uow: UnitOfWork, *, schedule_id: object) -> None:
    """Take it away; its runs stay, and still say what started them."""
    require(uow, Permission.EDIT)
    row = _load(uow, schedule_id)
    row.deleted_at, row.is_enabled, row.next_at = uow.ports.clock.now(), False, None
    uow.session.add(row)
    _drop_queued(uow, row, "The schedule was deleted before this moment's turn came.")


def pause_schedule(uow: UnitOfWork, *, schedule_id: object) -> ScheduleRow:
    """Stop starting runs; what runs goes on. Pausing twice does no harm."""
    require(uow, Permission.EDIT)
    row = _load(uow, schedule_id)
    if row.is_enabled or row.disabled_reason:
        row.is_enabled, row.next_at, row.disabled_reason = False, None, ""
        _save(uow, row, "paused", uow.ports.clock.now())
        _drop_queued(uow, row, "The schedule was paused before this moment's turn came.")
    return to_schedule_rows(uow, [row])[0]


def resume_schedule(uow: UnitOfWork, *, schedule_id: object) -> ScheduleRow:
    """Go on with the next moment, in the name of who resumes it; moments of the pause do not count as missed."""
    require(uow, Permission.EDIT)
    row = _load(uow, schedule_id)
    if not row.is_enabled:
        now = uow.ports.clock.now()
        next_at = timing_of(row).next_after(now)
        if next_at is None:
            raise Conflict("The last day of this schedule is over. Edit it and choose a later one.")
        row.is_enabled, row.next_at, row.disabled_reason = True, next_at, ""
        row.owner_id = uow.actor.user_id if uow.actor else None
        _save(uow, row, "resumed", now)
    return to_schedule_rows(uow, [row])[0]


def run_schedule_now(uow: UnitOfWork, *, schedule_id: object) -> RunRow:
    """Start one run with the schedule's inputs in the name of who asks, paused or not; the timing stays as it is."""
    require(uow, Permission.RUN)
    row = _load(uow, schedule_id)
    run = start_run(uow, workflow_id=row.workflow_id, inputs=row.inputs, started_by=StartedBy(RunTrigger.SCHEDULE, row.id))
    now = uow.ports.clock.now()
    due = _free_moment(uow, row, now)
    fire = ScheduleFire(
        workspace_id=row.workspace_id, schedule_id=row.id, due_at=due, outcome=FireOutcome.STARTED, run_id=run.id, is_manual=True
    )
    fire.created_at = now
    uow.session.add(fire)
    uow.session.flush()
    return run


def _free_moment(uow: UnitOfWork, row: Schedule, now: datetime) -> datetime:
    """Each fire has a moment of its own, two clicks at once too; the schedule is locked."""
    later = (ScheduleFire.schedule_id == row.id, col(ScheduleFire.due_at) >= now)
    taken = set(uow.session.exec(select(ScheduleFire.due_at).where(*later)).all())
    while now in taken:
        now += timedelta(microseconds=1)
    return now


def _load(uow: UnitOfWork, schedule_id: object) -> Schedule:
    """The schedule, locked: firing and editing never overwrite each other."""
    row = uow.load(Schedule, parse_id(schedule_id), what=WHAT)
    uow.session.refresh(row, with_for_update=True)
    return row


def _values(uow: UnitOfWork, draft: ScheduleDraft, now: datetime) -> dict[str, Any]:
    timing = draft.timing
    return {
        "workflow_id": draft.workflow.id,
        "name": draft.name,
        "wording": draft.wording,
        "cron": timing.cron,
        "time_zone": timing.time_zone,
        "starts_on": timing.starts_on,
        "ends_on": timing.ends_on,
        "inputs": draft.inputs,
        "missed": draft.missed,
        "most_missed": draft.most_missed,
        "overlap": draft.overlap,
        "is_enabled": draft.is_enabled,
        "next_at": _first(timing, now) if draft.is_enabled else None,
        "owner_id": uow.actor.user_id if uow.actor else None,
    }


def _first(timing: Timing, now: datetime) -> datetime:
    next_at = timing.next_after(now)
    if next_at is None:
        raise Invalid(_NEVER, fields={"ends_on": _NEVER})
    return next_at


def _as_draft(row: Schedule) -> dict[str, object]:
    return {
        "workflow_id": str(row.workflow_id),
        "name": row.name,
        "wording": row.wording,
        "time_zone": row.time_zone,
        "starts_on": row.starts_on.isoformat() if row.starts_on else None,
        "ends_on": row.ends_on.isoformat() if row.ends_on else None,
        "inputs": row.inputs,
        "missed": row.missed,
        "most_missed": row.most_missed,
        "overlap": row.overlap,
    }


def _save(uow: UnitOfWork, row: Schedule, kind: str, now: datetime) -> None:
    row.updated_at = now
    uow.session.add(row)
    uow.session.flush()
    _note(uow, row, kind, now)


def _note(uow: UnitOfWork, row: Schedule, kind: str, now: datetime) -> None:
    note_change(uow, row, kind, at=now, by=uow.actor.user_id if uow.actor else None)


def _drop_queued(uow: UnitOfWork, row: Schedule, reason: str) -> None:
    is_queued = sa.and_(fire_table.c.schedule_id == row.id, fire_table.c.outcome == FireOutcome.QUEUED)
    values = {"outcome": FireOutcome.SKIPPED, "cause": "paused", "reason": reason}
    uow.session.connection().execute(sa.update(fire_table).where(is_queued).values(values))
