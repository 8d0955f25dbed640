"""Deals with what is due: one transaction per schedule writes its fires and starts their runs, so that a crash anywhere loses and
doubles nothing. Workers call it; who acts is the schedule's owner with the role that SQL has at this moment."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into, is_inserted
from app.core.errors import AppError, NotFound
from app.core.sql_clock import sql_now
from app.core.uow import Actor, UnitOfWork
from app.services.accounts.open_space import is_closed
from app.services.acting import OwnerGoneError, explain_refusal, find_owner
from app.services.runs.start import StartedBy, start_run
from app.services.schedules.holding import hold_schedules
from app.services.schedules.planning import COUNTED, Due, Passed, plan_due
from app.services.schedules.rows import fire_table, note_change, run_in_the_way, schedule_table, timing_of
from models.ids import new_id
from models.run import RunTrigger
from models.schedule import FireOutcome, MissedPolicy, OverlapPolicy, Schedule

MOST_QUEUED = 20
_PAGE = 100
_BROKEN = "The program failed at this moment, not your workflow. The log of the workers says more."
_fire, _schedule = fire_table.c, schedule_table.c


def has_schedules(connection: sa.Connection) -> bool:
    """Whether anything will ever be due; reads only."""
    return bool(connection.execute(sa.select(sa.exists(sa.select(_schedule.id).where(_schedule.next_at.is_not(None))))).scalar())


def find_due(connection: sa.Connection, *, limit: int = _PAGE) -> list[uuid.UUID]:
    """Schedules with a moment to deal with, the longest due first; reads only."""
    query = sa.select(_schedule.id).where(_schedule.next_at <= sql_now()).order_by(_schedule.next_at).limit(limit)
    return list(connection.execute(query).scalars())


def find_queued(connection: sa.Connection, *, limit: int = _PAGE) -> list[uuid.UUID]:
    """Schedules whose oldest queued fire may start because no run of theirs is going; reads only."""
    query = sa.select(_fire.schedule_id).where(_fire.outcome == FireOutcome.QUEUED).distinct().limit(limit)
    return [schedule_id for schedule_id in connection.execute(query).scalars().all() if run_in_the_way(connection, schedule_id) is None]


def fire_schedule(uow: UnitOfWork, *, schedule_id: uuid.UUID, now: datetime) -> int:
    """Deal with the schedule's due moments; returns how many fires it wrote. `now` is the database's time."""
    row = _lock(uow, schedule_id)
    if row is None or row.next_at is None or row.next_at > now or not row.is_enabled:
        return 0
    first_due = row.next_at
    plan = plan_due(timing_of(row), first_due, now=now, missed=row.missed, most=row.most_missed)
    try:
        actor = find_owner(uow, workspace_id=row.workspace_id, owner_id=row.owner_id, what="schedule")
    except OwnerGoneError as error:
        _insert(uow, row, first_due, now, outcome=FireOutcome.FAILED, cause="owner", reason=str(error))
        _disable(uow, row, str(error), now)
        return 1
    row.next_at = plan.next_at
    uow.session.add(row)
    uow.session.flush()
    written = 0
    if plan.passed is not None:
        written += _pass_over(uow, row, plan.passed, now, followed_by=plan.due[0].at if plan.due else None)
    for due in plan.due:
        written += _fire_one(uow, row, due, now, actor)
        if not row.is_enabled:
            break
    return written


def start_queued(uow: UnitOfWork, *, schedule_id: uuid.UUID, now: datetime) -> int:
    """Start the schedule's oldest queued fire if nothing is in its way any more."""
    row = _lock(uow, schedule_id)
    if row is None or run_in_the_way(uow.session.connection(), schedule_id) is not None:
        return 0
    connection = uow.session.connection()
    is_queued = sa.and_(_fire.schedule_id == schedule_id, _fire.outcome == FireOutcome.QUEUED)
    fire = connection.execute(sa.select(_fire.id, _fire.due_at).where(is_queued).order_by(_fire.due_at).limit(1)).first()
    if fire is None:
        return 0
    try:
        actor = find_owner(uow, workspace_id=row.workspace_id, owner_id=row.owner_id, what="schedule")
    except OwnerGoneError as error:
        _update(connection, fire.id, outcome=FireOutcome.FAILED, cause="owner", reason=str(error))
        _disable(uow, row, str(error), now)
        return 1
    _start(uow, row, fire_id=fire.id, due_at=fire.due_at, actor=actor, now=now)
    return 1


def note_broken(uow: UnitOfWork, *, schedule_id: uuid.UUID, now: datetime) -> None:
    """After an error of the program: say so at the moment it concerns and go on with the next one, or the queue behind it."""
    row = _lock(uow, schedule_id)
    if row is None:
        return
    if row.next_at is not None and row.next_at <= now:
        _insert(uow, row, row.next_at, now, outcome=FireOutcome.FAILED, cause="error", reason=_BROKEN)
        row.next_at = timing_of(row).next_after(now)
        uow.session.add(row)
        return
    is_queued = sa.and_(_fire.schedule_id == schedule_id, _fire.outcome == FireOutcome.QUEUED)
    oldest = sa.select(_fire.id).where(is_queued).order_by(_fire.due_at).limit(1).scalar_subquery()
    values = {"outcome": FireOutcome.FAILED, "cause": "error", "reason": _BROKEN}
    uow.session.connection().execute(sa.update(fire_table).where(_fire.id == oldest).values(values))


def _lock(uow: UnitOfWork, schedule_id: uuid.UUID) -> Schedule | None:
    """The schedule for this transaction alone; None when another process is at it, it is gone, or its workspace is closed."""
    is_it = (Schedule.id == schedule_id, col(Schedule.deleted_at).is_(None))
    row = uow.session.exec(select(Schedule).where(*is_it).with_for_update(skip_locked=True)).first()
    if row is not None and is_closed(uow, row.workspace_id):  # saved in the moment in which the workspace was closed
        hold_schedules(uow, row.workspace_id)
        return None
    return row


def _fire_one(uow: UnitOfWork, row: Schedule, due: Due, now: datetime, actor: Actor) -> int:
    blocking = run_in_the_way(uow.session.connection(), row.id) if row.overlap != OverlapPolicy.ALLOW else None
    if blocking is None:
        fire_id = _insert(uow, row, due.at, now, outcome=FireOutcome.STARTED)
        if fire_id is None:
            return 0
        _start(uow, row, fire_id=fire_id, due_at=due.at, actor=actor, now=now)
        return 1
    if row.overlap == OverlapPolicy.QUEUE or due.is_late:  # runs that make up for missed ones follow one after another
        if _queue_length(uow, row) < MOST_QUEUED:
            reason = "The run before was still going; this one starts when it has ended."
            return _written(_insert(uow, row, due.at, now, outcome=FireOutcome.QUEUED, cause="overlap", reason=reason, run_id=blocking))
        reason = f"The run before was still going, and {MOST_QUEUED} moments were waiting for it already."
    else:
        reason = "The run before was still going, and this schedule skips what overlaps."
    return _written(_insert(uow, row, due.at, now, outcome=FireOutcome.SKIPPED, cause="overlap", reason=reason, run_id=blocking))


def _written(fire_id: uuid.UUID | None) -> int:
    return 0 if fire_id is None else 1


def _pass_over(uow: UnitOfWork, row: Schedule, passed: Passed, now: datetime, *, followed_by: datetime | None) -> int:
    count = (
        "This moment was"
        if passed.count == 1
        else f"These {passed.count if passed.count <= COUNTED else f'more than {COUNTED}'} moments were"
    )
    if row.missed == MissedPolicy.SKIP:
        rule = "this schedule skips what it missed"
    elif row.missed == MissedPolicy.ONE:
        rule = (
            f"one run makes up for all of them, that of {followed_by.astimezone(timing_of(row).zone):%d %b %H:%M}"
            if followed_by
            else "one run makes up for all of them"
        )
    else:
        rule = f"this schedule makes up for at most {row.most_missed}"
    until = passed.last if passed.count > 1 else None
    values = {
        "cause": "missed",
        "reason": f"{count} missed: nobody was looking in time, and {rule}.",
        "until": until,
        "count": passed.count,
    }
    return _written(_insert(uow, row, passed.first, now, outcome=FireOutcome.SKIPPED, **values))


def _queue_length(uow: UnitOfWork, row: Schedule) -> int:
    query = sa.select(sa.func.count()).where(_fire.schedule_id == row.id, _fire.outcome == FireOutcome.QUEUED)
    return uow.session.connection().execute(query).scalar_one()


def _insert(uow: UnitOfWork, row: Schedule, due_at: datetime, now: datetime, **values: object) -> uuid.UUID | None:
    """Write the fire; None when somebody else wrote this moment before."""
    connection = uow.session.connection()
    fire_id = new_id()
    whole = {"cause": "", "reason": "", "count": 1, "is_manual": False, "run_id": None, "until": None} | values
    whole |= {"id": fire_id, "created_at": now, "updated_at": now, "workspace_id": row.workspace_id}
    whole |= {"schedule_id": row.id, "due_at": due_at, "reason": str(whole["reason"])[:1000]}
    statement = insert_into(connection, fire_table).values(whole).on_conflict_do_nothing(index_elements=["schedule_id", "due_at"])
    return fire_id if is_inserted(connection, statement) else None


def _update(connection: sa.Connection, fire_id: uuid.UUID, **values: object) -> None:
    connection.execute(sa.update(fire_table).where(_fire.id == fire_id).values(values))


def _start(uow: UnitOfWork, row: Schedule, *, fire_id: uuid.UUID, due_at: datetime, actor: Actor, now: datetime) -> None:
    """Start the run in the same transaction; a refusal becomes the fire's reason."""
    uow.actor = actor
    connection = uow.session.connection()
    try:
        with uow.session.begin_nested():
            run = start_run(
                uow,
                workflow_id=row.workflow_id,
                inputs=row.inputs,
                idempotency_key=f"schedule:{row.id}:{due_at:%Y%m%dT%H%M%SZ}",
                started_by=StartedBy(RunTrigger.SCHEDULE, row.id),
            )
    except AppError as error:
        cause, reason = explain_refusal(error)
        _update(connection, fire_id, outcome=FireOutcome.FAILED, cause=cause, reason=reason, run_id=None)
        if isinstance(error, NotFound):
            _disable(uow, row, reason, now)
        return
    finally:
        uow.actor = None
    _update(connection, fire_id, outcome=FireOutcome.STARTED, run_id=run.id)


def _disable(uow: UnitOfWork, row: Schedule, reason: str, now: datetime) -> None:
    row.is_enabled, row.next_at, row.disabled_reason = False, None, reason[:400]
    uow.session.add(row)
    uow.session.flush()
    note_change(uow, row, "disabled", at=now, reason=reason)
