"""Reading schedules: the list, one of them, its fires, and how a wording would be understood before it is saved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.errors import Invalid
from app.core.permissions import Permission, permissions_of, require
from app.core.problems import Problems
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.schedules.cron import clock_note
from app.services.schedules.describing import describe_cron
from app.services.schedules.drafts import read_timing
from app.services.schedules.editing import MOST_SCHEDULES
from app.services.schedules.rows import FIRE_ROWS, WHAT, fire_table, to_fire_row, to_schedule_rows
from app.services.schedules.watching import LOST_S, last_look
from app.views.schedules import FirePage, ScheduleDetail, ScheduleList, ScheduleRow, TimingPreview
from models.ids import parse_id
from models.schedule import Schedule

STATES = ("all", "active", "paused", "problem")
PAGE = 30
MOST = 200
SHOWN_FIRES = 10
_FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
_fire = fire_table.c


def list_schedules(uow: UnitOfWork, *, search: object = "", workflow_id: object = None, state: object = "all") -> ScheduleList:
    """Those that run next first, paused and finished ones last.

    `state` is one of STATES; a problem is one that was switched off, or whose last fire failed.
    """
    require(uow, Permission.VIEW)
    if not isinstance(state, str) or state not in STATES:
        raise Invalid("This filter is unknown.", fields={"state": f"Choose one of: {', '.join(STATES)}."})
    query = uow.scoped(Schedule).where(col(Schedule.deleted_at).is_(None))
    if workflow_id not in (None, ""):
        wanted = parse_id(workflow_id)
        query = query.where(Schedule.workflow_id == wanted if wanted else sa.false())
    found = uow.session.exec(query.order_by(col(Schedule.created_at).desc(), col(Schedule.id)).limit(MOST_SCHEDULES)).all()
    words = search_words(search).casefold().split()
    rows = [row for row in to_schedule_rows(uow, found) if _matches(row, words)]
    shown = sorted((row for row in rows if _is_in(row, state)), key=_by_next)
    connection = uow.session.connection()
    looked, now = last_look(connection), uow.ports.clock.now()
    is_unwatched = any(row.is_enabled and not row.is_finished for row in rows) and (
        looked is None or looked < now - timedelta(seconds=LOST_S)
    )
    return ScheduleList(tuple(shown), len(found), _grants(uow, Permission.EDIT), looked if is_unwatched else None, is_unwatched)


def _matches(row: ScheduleRow, words: list[str]) -> bool:
    text = f"{row.name} {row.workflow_name} {row.wording} {row.said} {row.time_zone} {row.owner}".casefold()
    return all(word in text for word in words)


def _is_in(row: ScheduleRow, state: str) -> bool:
    if state == "active":
        return row.is_enabled
    if state == "paused":
        return not row.is_enabled
    return state == "all" or has_problem(row)


def has_problem(row: ScheduleRow) -> bool:
    """Whether somebody should look at it."""
    return bool(row.disabled_reason) or (row.last is not None and "failed" in (row.last.outcome, row.last.run_status))


def _by_next(row: ScheduleRow) -> tuple[bool, float, str]:
    return (row.next_at is None, row.next_at.timestamp() if row.next_at else 0.0, row.name.casefold())


def get_schedule(uow: UnitOfWork, *, schedule_id: object) -> ScheduleDetail:
    """One schedule with everything its page edits."""
    require(uow, Permission.VIEW)
    row = uow.load(Schedule, parse_id(schedule_id), what=WHAT)
    return ScheduleDetail(
        row=to_schedule_rows(uow, [row])[0],
        inputs=row.inputs,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        missed=row.missed,
        most_missed=row.most_missed,
        overlap=row.overlap,
        can_edit=_grants(uow, Permission.EDIT),
        can_run=_grants(uow, Permission.RUN),
        is_mine=uow.actor is not None and uow.actor.user_id == row.owner_id,
    )


def _grants(uow: UnitOfWork, permission: Permission) -> bool:
    return permission in permissions_of(uow.actor)


def find_schedule(uow: UnitOfWork, *, name: object) -> ScheduleRow | None:
    """By id or by name; the command line names schedules so."""
    require(uow, Permission.VIEW)
    living = uow.scoped(Schedule).where(col(Schedule.deleted_at).is_(None))
    row_id = parse_id(name)
    is_wanted = Schedule.id == row_id if row_id else Schedule.name == search_words(name)
    row = uow.session.exec(living.where(is_wanted).order_by(col(Schedule.created_at).desc()).limit(1)).first()
    return to_schedule_rows(uow, [row])[0] if row else None


def list_fires(uow: UnitOfWork, *, schedule_id: object, cursor: object = "", limit: int = PAGE) -> FirePage:
    """What became of its moments, newest first; `cursor` comes from the page before."""
    require(uow, Permission.VIEW)
    row = uow.load(Schedule, parse_id(schedule_id), what=WHAT)
    limit = max(1, min(limit, MOST))
    query = FIRE_ROWS.where(_fire.schedule_id == row.id, _fire.workspace_id == uow.workspace_id)
    before = _moment(cursor)
    if before is not None:
        query = query.where(_fire.due_at < before)
    found = uow.session.connection().execute(query.order_by(_fire.due_at.desc()).limit(limit + 1)).all()
    shown = tuple(to_fire_row(fire) for fire in found[:limit])
    return FirePage(shown, shown[-1].due_at.isoformat() if len(found) > limit else "")


def _moment(cursor: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cursor) if isinstance(cursor, str) and 19 < len(cursor) < 40 else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def describe_timing(
    uow: UnitOfWork, *, wording: object, time_zone: object, starts_on: object = None, ends_on: object = None
) -> TimingPreview:
    """How it is understood and the next moments, without saving; raises Invalid with one message per field."""
    require(uow, Permission.VIEW)
    problems = Problems()
    given: dict[str, Any] = {"wording": wording, "time_zone": time_zone, "starts_on": starts_on, "ends_on": ends_on}
    timing = read_timing(given, problems)
    problems.refuse()
    if timing is None:
        raise AssertionError("what is missing was noted")
    fires = timing.between(uow.ports.clock.now(), _FOREVER, limit=SHOWN_FIRES)
    notes = {moment: note for moment in fires if (note := clock_note(timing, moment))}
    return TimingPreview(timing.cron, describe_cron(timing.cron), tuple(fires), notes)
