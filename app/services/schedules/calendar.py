"""The calendar: what came due and what became of it, and what is to come; frequent schedules are one entry a day."""

import itertools
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.schedules.cron import Timing, first_instant, zone_of
from app.services.schedules.editing import MOST_SCHEDULES
from app.services.schedules.rows import FIRE_ROWS, fire_table, timing_of, to_schedule_rows
from app.views.schedules import CalendarEntry, ScheduleRow
from models.ids import parse_id
from models.schedule import Schedule

MOST_DAYS = 31
MOST_FIRES = 5000
SINGLE_A_DAY = 6  # a schedule with more moments a day is told as one entry
_fire = fire_table.c


def read_calendar(uow: UnitOfWork, *, first: object, days: int, time_zone: object, workflow_id: object = None) -> tuple[CalendarEntry, ...]:
    """Everything on `days` days from `first` (a date) on, as days are in the viewer's zone, in the order of time."""
    require(uow, Permission.VIEW)
    zone = zone_of(time_zone)
    day = _day(first)
    borders = [first_instant(day + timedelta(days=number), zone) for number in range(max(1, min(days, MOST_DAYS)) + 1)]
    query = uow.scoped(Schedule)
    if workflow_id not in (None, ""):
        wanted = parse_id(workflow_id)
        query = query.where(Schedule.workflow_id == wanted if wanted else sa.false())
    found = uow.session.exec(query.order_by(col(Schedule.deleted_at).is_not(None)).limit(MOST_SCHEDULES * 2)).all()
    rows = dict(zip((schedule.id for schedule in found), to_schedule_rows(uow, found), strict=True))
    entries = [entry for start, end in itertools.pairwise(borders) for entry in _past(uow, rows, start, end)]
    now = uow.ports.clock.now()
    for schedule in found:
        if schedule.next_at is not None:
            entries.extend(_to_come(timing_of(schedule), rows[schedule.id], borders, max(schedule.next_at, now - timedelta(seconds=1))))
    return tuple(sorted(entries, key=lambda entry: (entry.at, entry.name)))


def _day(first: object) -> date:
    try:
        day = date.fromisoformat(first) if isinstance(first, str) else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2200:
        raise Invalid("Give the first day as a date.", fields={"first": "Give a date such as 2026-03-31."})
    return day


def _past(uow: UnitOfWork, rows: Mapping[uuid.UUID, ScheduleRow], start: datetime, end: datetime) -> Iterator[CalendarEntry]:
    """The fires of one day; those of a frequent schedule with the same outcome are one entry."""
    query = FIRE_ROWS.where(_fire.workspace_id == uow.workspace_id, _fire.due_at >= start, _fire.due_at < end, _fire.schedule_id.in_(rows))
    found = uow.session.connection().execute(query.order_by(_fire.due_at).limit(MOST_FIRES)).all()
    grouped: dict[uuid.UUID, list[Any]] = {}
    for fire in found:
        grouped.setdefault(fire.schedule_id, []).append(fire)
    for schedule_id, fires in grouped.items():
        row = rows[schedule_id]
        if len(fires) <= SINGLE_A_DAY:
            yield from (_entry(row, [fire]) for fire in fires)
            continue
        alike: dict[tuple[str, bool], list[Any]] = {}
        for fire in fires:
            alike.setdefault((fire.outcome, fire.run_status == "failed"), []).append(fire)
        yield from (_entry(row, group) for group in alike.values())


def _entry(row: ScheduleRow, fires: list[Any]) -> CalendarEntry:
    one = fires[0]
    last = fires[-1].until or fires[-1].due_at
    is_single = len(fires) == 1
    return CalendarEntry(
        schedule_id=row.id,
        name=row.name,
        workflow_name=row.workflow_name,
        at=one.due_at,
        outcome=one.outcome,
        last_at=None if last == one.due_at else last,
        count=sum(fire.count for fire in fires),
        run_id=one.run_id if is_single else None,
        run_status=(one.run_status or "") if is_single or one.run_status == "failed" else "",
        reason=one.reason,
    )


def _to_come(timing: Timing, row: ScheduleRow, borders: list[datetime], since: datetime) -> Iterator[CalendarEntry]:
    second = timedelta(seconds=1)
    enough = SINGLE_A_DAY * len(borders)
    rare = timing.between(max(since, borders[0]) - second, borders[-1] - second, limit=enough)
    for start, end in itertools.pairwise(borders):
        if end <= since:
            continue
        found = rare if len(rare) < enough else timing.on_day(start, end)
        moments = [moment for moment in found if moment >= since and start <= moment < end]
        if len(moments) <= SINGLE_A_DAY:
            yield from (CalendarEntry(row.id, row.name, row.workflow_name, moment, "due") for moment in moments)
        else:
            yield CalendarEntry(row.id, row.name, row.workflow_name, moments[0], "due", last_at=moments[-1], count=len(moments))
