"""Answers "why did it (not) run then?" for any moment, past or future: from the fires, the log of changes, and when workers looked."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.schedules.cron import Timing, clock_note, exists, first_instant, wall_time
from app.services.schedules.describing import describe_cron
from app.services.schedules.planning import ON_TIME_S
from app.services.schedules.rows import FIRE_ROWS, WHAT, fire_table, timing_of, to_fire_row
from app.services.schedules.watching import Gap, find_gap, last_look
from app.views.schedules import FireRow, Why
from models.ids import parse_id
from models.schedule import Schedule, ScheduleChange
from models.user import User

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_fire = fire_table.c


def explain_schedule(uow: UnitOfWork, *, schedule_id: object, moment: object) -> Why:
    """`moment` is a time such as 2026-03-31T09:00, in the schedule's own zone unless it names an offset."""
    require(uow, Permission.VIEW)
    row = uow.load(Schedule, parse_id(schedule_id), what=WHAT)
    wall = _read(moment)
    zone = timing_of(row).zone
    if wall.tzinfo is None and not exists(wall, zone):
        return _never_shown(row, wall)
    at = (wall.replace(tzinfo=zone) if wall.tzinfo is None else wall).astimezone(UTC).replace(second=0, microsecond=0)
    now = uow.ports.clock.now()
    answer = _by_fire(uow, row, at) or _by_log(uow, row, at, now)
    timing = timing_of(row)
    return Why(
        verdict=answer.verdict,
        headline=answer.headline,
        details=answer.details,
        moment=at,
        fire=answer.fire,
        before=next(iter(timing.latest(at - timedelta(days=400), at - _SECOND, limit=1)), None),
        after=timing.next_after(at),
    )


def _read(moment: object) -> datetime:
    try:
        found = datetime.fromisoformat(moment) if isinstance(moment, str) and len(moment) < 40 else None
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2200:
        message = "Give a date and a time, such as 2026-03-31T09:00."
        raise Invalid(message, fields={"moment": message})
    return found


def _never_shown(row: Schedule, wall: datetime) -> Why:
    timing = timing_of(row)
    after = timing.next_after(first_instant(wall.date(), timing.zone) - _SECOND)
    text = f"The clocks in {row.time_zone} go forward on {wall:%d %b %Y} and skip {wall:%H:%M}."
    remedy = "A time of day that falls into the gap runs once, at its end."
    return Why("no_such_time", "This time never comes.", (text, remedy), after=after)


# -- what was written down


def _by_fire(uow: UnitOfWork, row: Schedule, at: datetime) -> Why | None:
    ours = sa.and_(_fire.schedule_id == row.id, _fire.workspace_id == uow.workspace_id)
    in_minute = sa.and_(_fire.due_at >= at, _fire.due_at < at + _MINUTE)
    in_span = sa.and_(_fire.due_at <= at, _fire.until >= at)
    query = FIRE_ROWS.where(ours, sa.or_(in_minute, in_span)).order_by(_fire.is_manual, in_minute.desc())
    found = uow.session.connection().execute(query).first()
    if found is None or (found.until is not None and not timing_of(row).is_due(at) and found.due_at != at):
        return None
    fire = to_fire_row(found)
    headline, verdict = _words(fire)
    zone = timing_of(row).zone
    details = [fire.reason] if fire.reason else []
    if fire.cause == "missed":
        details.extend(_gap_words(find_gap(uow.session.connection(), fire.due_at, now=uow.ports.clock.now()), zone))
    late = (fire.at - fire.due_at).total_seconds()
    if fire.outcome == "started" and not fire.is_manual and late > ON_TIME_S:
        details.append(f"It was dealt with {_span(late)} late, on {_stamp(fire.at, zone)}.")
        details.extend(_gap_words(find_gap(uow.session.connection(), fire.due_at, now=uow.ports.clock.now()), zone))
    return Why(verdict, headline, tuple(details), fire=fire)


def _words(fire: FireRow) -> tuple[str, str]:
    if fire.is_manual:
        return "Somebody ran it by hand at this moment.", "ran_by_hand"
    if fire.outcome == "started":
        ending = {"succeeded": " and succeeded", "failed": ", but the run failed", "cancelled": ", but the run was stopped"}
        return f"It ran{ending.get(fire.run_status, '')}.", "ran"
    if fire.outcome == "queued":
        return "It waits for the run before it.", "queued"
    if fire.outcome == "failed":
        return "It could not start.", f"failed_{fire.cause}"
    return ("It was missed, and passed over." if fire.cause == "missed" else "It was passed over."), f"skipped_{fire.cause}"


# -- what follows from timing, changes and looks


def _by_log(uow: UnitOfWork, row: Schedule, at: datetime, now: datetime) -> Why:
    if at + _MINUTE <= row.created_at:
        return Why("not_created", "The schedule did not exist yet.", (f"It was created on {_stamp(row.created_at, timing_of(row).zone)}.",))
    change = _change_at(uow, row, at)
    timing = timing_of(change) if change is not None and at <= now else timing_of(row)
    is_enabled = row.is_enabled if at > now or change is None else change.is_enabled
    if not is_enabled:
        return _off(uow, row, change, at > now)
    if not timing.is_due(at):
        return _not_due(timing, at, changed=(change is not None and at <= now and timing != timing_of(row)))
    if at > now:
        return _will_run(uow, row, timing, at, now)
    return _unexplained(uow, row, at, now)


def _change_at(uow: UnitOfWork, row: Schedule, at: datetime) -> ScheduleChange | None:
    query = uow.scoped(ScheduleChange).where(ScheduleChange.schedule_id == row.id, ScheduleChange.at < at + _MINUTE)
    return uow.session.exec(query.order_by(col(ScheduleChange.at).desc(), col(ScheduleChange.id).desc()).limit(1)).first()


def _off(uow: UnitOfWork, row: Schedule, last: ScheduleChange | None, is_future: bool) -> Why:
    zone = timing_of(row).zone
    by = uow.session.exec(select(User.name).where(User.id == last.by)).first() if last is not None and last.by else None
    since = f"since {_stamp(last.at, zone)}" if last is not None else ""
    if last is not None and last.kind == "disabled":
        return Why("disabled", "The schedule was switched off." if not is_future else "It will not run.", (last.reason, f"Off {since}."))
    who = f" by {by}" if by else ""
    if is_future:
        return Why("paused", "It will not run: the schedule is paused.", (f"Paused{who} {since}.", "Resume it, and it runs again."))
    return Why("paused", "The schedule was paused.", (f"Paused{who} {since}. Moments of a pause are not made up for.",))


def _not_due(timing: Timing, at: datetime, *, changed: bool) -> Why:
    day = at.astimezone(timing.zone).date()
    details = [f"{describe_cron(timing.cron)} ({timing.time_zone})."]
    if timing.starts_on is not None and day < timing.starts_on:
        details.insert(0, f"Its first day is {timing.starts_on:%d %b %Y}.")
    if timing.ends_on is not None and day > timing.ends_on:
        details.insert(0, f"Its last day was {timing.ends_on:%d %b %Y}.")
    wall = wall_time(at, timing.zone)
    if wall.replace(tzinfo=timing.zone).astimezone(UTC) != at:
        details.append(f"The clocks went back: this is the second {wall:%H:%M} of the day, and it runs at the first.")
    if changed:
        details.append("This was its timing then; it was changed later.")
    return Why("not_due", "It was not due at this moment.", tuple(details))


def _will_run(uow: UnitOfWork, row: Schedule, timing: Timing, at: datetime, now: datetime) -> Why:
    details = [text for text in (clock_note(timing, at),) if text]
    looked = last_look(uow.session.connection())
    if looked is None or now - looked > _MINUTE:
        details.append("No worker is looking at the moment. Start one with 'agent-factory worker', or nothing runs.")
    details.append(
        {"skip": "If a run is still going then, this one is passed over.", "queue": "If a run is still going then, it waits."}.get(
            row.overlap, "It runs even if another run is still going."
        )
    )
    return Why("will_run", "It will run.", tuple(details))


def _unexplained(uow: UnitOfWork, row: Schedule, at: datetime, now: datetime) -> Why:
    gap = find_gap(uow.session.connection(), at, now=now)
    if gap is None and now - at < timedelta(seconds=ON_TIME_S):
        return Why("in_progress", "It is due right now.", ("A worker deals with it within seconds.",))
    policy = {
        "skip": "What was missed is passed over.",
        "one": "One run makes up for what was missed as soon as a worker looks.",
        "all": f"Up to {row.most_missed} missed moments are made up for as soon as a worker looks.",
    }[row.missed]
    if gap is not None or last_look(uow.session.connection()) is None:
        return Why("nobody_looked", "No worker was there to start it.", (*_gap_words(gap, timing_of(row).zone), policy))
    return Why("not_dealt_with", "It was due, but has not been dealt with yet.", ("The workers may be busy or restarting.", policy))


def _gap_words(gap: Gap | None, zone: ZoneInfo) -> list[str]:
    if gap is None:
        return []
    if gap.until is None:
        return [f"No worker has looked since {_stamp(gap.since, zone)}. Start one with 'agent-factory worker'."]
    return [f"No worker looked from {_stamp(gap.since, zone)} to {_stamp(gap.until, zone)}."]


def _stamp(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d %b %Y %H:%M %Z}"


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
